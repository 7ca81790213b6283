# Reads the CSV files of the folder given, adds some of the survival package, and prints what R finds: NAME<TAB>NUMBERS.
suppressMessages(library(survival))
folder <- commandArgs(trailingOnly = TRUE)[1]
say <- function(...) {
  parts <- list(...)
  values <- as.numeric(parts[[length(parts)]])
  if (!length(values)) return()
  cat(paste(unlist(parts[-length(parts)]), collapse = "."), "\t", paste(sprintf("%.17g", values), collapse = " "), "\n", sep = "")
}
# What R will not compute, such as a test between groups of which only one was ever at risk, is not said.
unless_declined <- function(value) tryCatch(value, error = function(e) NULL)
put <- function(name, ...) write.csv(data.frame(...), file.path(folder, paste0(name, ".csv")), row.names = FALSE, na = "")

# The log-rank test with late entry, which survdiff declines: Cochran-Mantel-Haenszel over the ages at which somebody ended.
cmh <- function(d, strata) {
  tables <- list()
  for (stratum in unique(strata)) {
    part <- d[strata == stratum, ]
    for (t in unique(part$time[part$event == 1])) {
      there <- part[part$entry < t & part$time >= t, ]
      if (nrow(there) > 1) tables[[length(tables) + 1]] <- table(factor(there$group, unique(d$group)), factor(there$event == 1 & there$time == t, c(TRUE, FALSE)))
    }
  }
  if (length(tables)) unless_declined(mantelhaen.test(array(unlist(tables), c(dim(tables[[1]]), length(tables))), correct = FALSE)$statistic)
}

put("lung", entry = 0, time = lung$time, event = lung$status - 1, group = lung$sex, stratum = lung$ph.ecog > 0)
put("veteran", entry = 0, time = veteran$time, event = veteran$status, group = as.character(veteran$celltype), stratum = veteran$trt)
put("veteran-trt", entry = 0, time = veteran$time, event = veteran$status, group = veteran$trt, stratum = as.character(veteran$celltype))
first <- pbc[1:312, ]
put("pbc", entry = 0, time = first$time / 365.25, event = as.integer(first$status == 2), group = 2 - first$trt, stratum = first$sex)
ended <- with(mgus2, ifelse(pstat == 0, 2 * death, 1))
put("mgus2", entry = 0, time = with(mgus2, ifelse(pstat == 0, futime, ptime)), event = as.integer(ended > 0), cause = ended, group = mgus2$sex)
put("cgd", entry = cgd$tstart, time = cgd$tstop, event = cgd$status, id = cgd$id, group = as.character(cgd$treat))
put("heart", entry = heart$start, time = heart$stop, event = heart$event, group = heart$transplant, stratum = heart$surgery)

for (file in sort(list.files(folder, "csv$"))) {
  d <- read.csv(file.path(folder, file))
  name <- sub(".csv", "", file, fixed = TRUE)
  if ("lo" %in% names(d)) {
    fit <- survfit(Surv(ifelse(d$lo == 0, NA, d$lo), ifelse(is.na(d$hi), NA, d$hi), type = "interval2") ~ 1, data = d)
    at <- sort(unique(c(d$lo, d$hi[!is.na(d$hi)])))
    say(name, "npmle", "t", at)
    say(name, "npmle", "surv", summary(fit, times = at, extend = TRUE)$surv)
    next
  }
  if (is.null(d$group)) d$group <- 1
  late <- any(d$entry > 0)
  d$y <- if (late) Surv(d$entry, d$time, d$event) else Surv(d$time, d$event)
  tau <- min(tapply(d$time, d$group, max)) * 0.8
  for (scale in c("log-log", "log", "plain")) {
    fit <- survfit(y ~ 1, data = d, conf.type = scale)
    say(name, "lower", scale, fit$lower)
    say(name, "upper", scale, fit$upper)
    for (share in c(0.31, 0.5, 0.77)) say(name, "quantile", scale, share, unlist(quantile(fit, 1 - share)))
  }
  for (part in c("time", "n.risk", "n.event", "n.censor", "surv", "cumhaz", "std.chaz")) say(name, part, fit[[part]])
  say(name, "se", summary(fit, times = fit$time)$std.err)
  if (tau >= min(d$time)) say(name, "rmst", c(tau, summary(fit, rmean = tau)$table[c("rmean", "se(rmean)")]))
  if (length(unique(d$group)) > 1) {
    if (late) {
      say(name, "logrank", cmh(d, rep(1, nrow(d))))
      if (!is.null(d$stratum)) say(name, "logrank.strata", cmh(d, d$stratum))
    } else {
      say(name, "logrank", unless_declined(survdiff(y ~ group, data = d)[c("chisq", "pvalue")]))
      say(name, "peto", unless_declined(survdiff(y ~ group, data = d, rho = 1)[c("chisq", "pvalue")]))
      if (!is.null(d$stratum)) {
        known <- !is.na(d$stratum)
        say(name, "logrank.strata", unless_declined(survdiff(y ~ group + strata(stratum), data = d[known, ])[c("chisq", "pvalue")]))
        say(name, "peto.strata", unless_declined(survdiff(y ~ group + strata(stratum), data = d[known, ], rho = 1)[c("chisq", "pvalue")]))
      }
    }
  }
  if (!is.null(d$cause)) {
    d$id <- if (is.null(d$id)) seq_len(nrow(d)) else d$id
    d$ending <- factor(ifelse(d$event == 1, d$cause, 0), 0:max(d$cause, na.rm = TRUE))
    d$z <- if (late) Surv(d$entry, d$time, d$ending) else Surv(d$time, d$ending)
    fit <- survfit(z ~ 1, data = d, id = id)
    say(name, "cif.time", fit$time)
    for (state in seq_len(ncol(fit$pstate))) {
      say(name, "cif", state - 1, fit$pstate[, state])
      say(name, "cif.se", state - 1, fit$std.err[, state])
    }
  } else if (!is.null(d$id)) {
    for (group in unique(d$group)) {
      fit <- survfit(y ~ 1, data = d[d$group == group, ], id = id)
      say(name, "mcf.time", group, fit$time)
      say(name, "mcf", group, fit$cumhaz)
      say(name, "mcf.se", group, fit$std.chaz)
    }
  }
}
for (pair in list(c(12, 12), c(0, 7), c(3, 40), c(1, 1000000), c(499, 1000))) {
  say("binom", pair[1], pair[2], binom.test(pair[1], pair[2])$conf.int)
  say("wilson", pair[1], pair[2], prop.test(pair[1], pair[2], correct = FALSE)$conf.int)
}
for (n in c(0, 1, 12, 350, 100000)) say("poisson", n, poisson.test(n)$conf.int)
for (df in c(1, 2, 3, 7, 20)) say("chisq", df, pchisq(c(0.1, 1, 5.5, 30, 300), df, lower.tail = FALSE))
