source("common.R"); suppressMessages(library(psych))
d <- read("one_factor"); a <- psych::alpha(d)
keep("alpha", a$total$raw_alpha); ci <- alpha.ci(a$total$raw_alpha, n.obs = nrow(d), n.var = ncol(d), p.val = .05)
keep("feldt_low", ci$lower.ci); keep("feldt_high", ci$upper.ci)
keep("item_rest", a$item.stats$r.drop)
f <- fa(cor(d), nfactors = 1, fm = "pa", max.iter = 500, SMC = TRUE, min.err = 1e-10, n.obs = nrow(d)); l <- f$loadings[, 1]
keep("omega_pa", sum(l)^2 / (sum(l)^2 + sum(1 - l^2)))
f <- fa(cor(d), nfactors = 1, fm = "minres", n.obs = nrow(d)); l <- f$loadings[, 1]
keep("omega_minres", sum(l)^2 / (sum(l)^2 + sum(1 - l^2)))
o <- suppressMessages(suppressWarnings(omega(d, nfactors = 1, plot = FALSE))); keep("omega_psych", o$omega.tot)
m <- na.omit(read("cronbach_missing")); m <- m[, apply(m, 2, sd) > 0]
keep("alpha_missing", suppressWarnings(psych::alpha(m, check.keys = FALSE, warnings = FALSE))$total$raw_alpha)
keep("columns_missing", ncol(m))
finish("reliability", "psych")
