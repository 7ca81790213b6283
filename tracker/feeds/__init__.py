"""I/O: lists become actions, takedowns and claims."""

from tracker.feeds.watchlist import WatchlistFeed

FEEDS = {"watchlist": WatchlistFeed}
"""Every kind of feed by its id; an unknown id in the settings stops the start."""
