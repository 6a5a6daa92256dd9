source("common.R"); suppressMessages(library(pan))
# 400 imputations, 25 steps of one chain apart, under the priors of analysis/statistics/imputation.py.
d <- read("missing_waves"); d <- d[order(d$school), ]
y <- as.matrix(d[, c("baseline", "followup")])
centre <- colMeans(y, na.rm = TRUE)
spread <- sqrt(colMeans(sweep(y, 2, centre)^2, na.rm = TRUE))
z <- sweep(sweep(y, 2, centre), 2, spread, "/")
x <- model.matrix(~ phase + role, d); subject <- as.numeric(factor(d$school))
prior <- list(a = 2, Binv = diag(2), c = 2, Dinv = 0.1 * diag(2))
step <- pan(z, subject, x, 1:ncol(x), 1, prior, seed = 1, iter = 500)
found <- matrix(NA, 400, 4)
for (k in 1:400) {
  step <- pan(z, subject, x, 1:ncol(x), 1, prior, seed = 1 + k, iter = 25, start = step$last)
  full <- sweep(sweep(step$y, 2, spread, "*"), 2, centre, "+")
  a <- anova(lm(full[, 2] ~ factor(subject)))
  found[k, ] <- c(mean(full[, 2] - full[, 1]), sd(full[, 2]), a[1, "F value"], cor(full)[1, 2])
}
keep("change", mean(found[, 1])); keep("change.between", sd(found[, 1]))
keep("spread", mean(found[, 2])); keep("f", mean(found[, 3])); keep("correlation", mean(found[, 4]))
finish("imputation", "pan")
