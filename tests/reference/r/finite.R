source("common.R")
# The mean of a finite population: one stratum for each school, from those of it who answered.
d <- read("schools"); y <- d$followup; s <- as.character(d$school); names <- sort(unique(s))
n <- as.numeric(table(s)[names]); m <- as.numeric(tapply(y, s, mean)[names])
v <- as.numeric(tapply(y, s, var)[names]); big <- n + seq_along(n) %% 4 * 3
pooled <- sum((n - 1) * ifelse(n > 1, v, 0)) / sum(n - 1)
of <- function(i) {
  w <- big[i] / sum(big[i]); e <- w^2 * (1 - n[i] / big[i]) * ifelse(n[i] > 1, v[i], pooled) / n[i]
  df <- sum(e)^2 / sum(e^2 / ifelse(n[i] > 1, n[i] - 1, sum(n[i] - 1)))
  sum(w * m[i]) + c(0, -1, 1) * qt(.975, df) * sqrt(sum(e))
}
keep("invited", big); keep("one", of(1)); keep("all", of(seq_along(n)))
# One stratum is the t interval with its width times the root of what was not asked.
t <- t.test(y[s == names[1]])$conf.int
keep("t", m[1] + (t - m[1]) * sqrt(1 - n[1] / big[1]))
finish("finite", character())
