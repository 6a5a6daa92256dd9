source("common.R"); suppressMessages({library(psych); library(boot)})
d <- read("coders"); k <- suppressWarnings(cohen.kappa(cbind(d$first, d$second))); keep("kappa", k$kappa)
# Krippendorff's alpha for nominal data and two coders, from the coincidence matrix.
o <- table(factor(c(d$first, d$second), 0:1), factor(c(d$second, d$first), 0:1)); n <- sum(o); m <- rowSums(o)
keep("alpha", 1 - (n - 1) * o[1, 2] * 2 / (2 * m[1] * m[2]))
set.seed(1)
b <- boot(d, function(x, i) suppressWarnings(cohen.kappa(cbind(x$first[i], x$second[i])))$kappa, R = 2000)
keep("kappa.percentile", boot.ci(b, type = "perc")$percent[4:5])
finish("agreement", c("psych", "boot"))
