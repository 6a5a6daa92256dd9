# Analysis of covariance on estimated true scores of the baseline, written out; variance CR2.
source("common.R"); suppressMessages(library(clubSandwich))
d <- read("schools"); d$p <- as.numeric(d$phase == "primary"); alpha <- 0.75
own <- ave(d$baseline, d$phase); n <- nrow(d)
within <- sum((d$baseline - own)^2) / n; total <- sum((d$baseline - mean(d$baseline))^2) / n
r <- 1 - (1 - alpha) * total / within
d$true <- own + r * (d$baseline - own)
m <- lm(followup ~ true + p, d); t <- coef_test(m, vcov = "CR2", cluster = d$school, test = "Satterthwaite")
keep("reliability", r); keep("estimate", t["p", "beta"]); keep("se", t["p", "SE"]); keep("df", t["p", "df_Satt"])
# The same by dividing the slope within groups by the reliability.
b <- coef(lm(followup ~ baseline + phase, d))["baseline"]; g <- function(v) tapply(v, d$p, mean)
keep("by_slope", diff(g(d$followup)) - b / r * diff(g(d$baseline)))
finish("unreliable", c("clubSandwich"))
