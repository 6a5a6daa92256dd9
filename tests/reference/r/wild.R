# The restricted wild cluster bootstrap written out in R, with every combination of signs.
source("common.R"); suppressMessages(library(sandwich))
d <- read("few_schools"); d$change <- d$followup - d$baseline
d <- rbind(d, transform(d, school = paste0(school, "b"), change = rev(change)))
signs <- as.matrix(expand.grid(rep(list(c(1, -1)), 10)))
school <- as.integer(factor(d$school, levels = unique(d$school)))
t_of <- function(y) { m <- lm(y ~ 1); abs(coef(m) / sqrt(vcovCL(m, cluster = school, type = "HC0", cadjust = FALSE))[1]) }
observed <- t_of(d$change)
draws <- apply(signs, 1, function(s) t_of(d$change * s[school]))
keep("mean.p", mean(draws >= observed * (1 - 1e-9)))
finish("wild", c("sandwich"))
