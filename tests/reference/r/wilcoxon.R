# Wilcoxon's signed-rank test on scores as whole numbers (sums of items), so that ties are ties.
source("common.R")
all_signs <- function(d) {
  d <- d[d != 0]; r <- rank(abs(d)); n <- length(d); centre <- sum(r) / 2
  sums <- 0
  for (each in r) sums <- c(sums, sums + each)
  mean(abs(sums - centre) >= abs(sum(r[d > 0]) - centre) - 1e-9)
}
d <- read("ties"); change <- d$after - d$before
keep("ties.n", length(change))
w <- suppressWarnings(wilcox.test(change, exact = FALSE, correct = TRUE)); keep("ties.asymptotic", w$p.value)
few <- change[1:16]; keep("few.exact", all_signs(few))
w <- suppressWarnings(wilcox.test(few, exact = FALSE, correct = TRUE)); keep("few.asymptotic", w$p.value)
s <- read("schools"); thousandths <- round(1000 * s$followup) - round(1000 * s$baseline)
keep("schools.wilcoxon", suppressWarnings(wilcox.test(thousandths, exact = FALSE, correct = TRUE))$p.value)
# Means of six items: the sums are the same numbers without the noise.
set.seed(1)
before <- round(runif(60, 6, 30)); after <- pmin(pmax(before + round(rnorm(60, 1, 3)), 6), 30)
keep("sums.before", before); keep("sums.after", after)
keep("sums.asymptotic", suppressWarnings(wilcox.test(after - before, exact = FALSE, correct = TRUE))$p.value)
keep("sums.first15", all_signs((after - before)[1:15]))
untied <- c(1, -2, 3, 4, -5, 6, 7, 8, 9, -10, 11, 12); keep("untied.exact", wilcox.test(untied, exact = TRUE)$p.value)
finish("wilcoxon", character(0))
