"""Tables: the log, the work, the views. Nothing else imports SQLModel."""
