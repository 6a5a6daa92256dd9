"""Every statistic against R, on the data the R scripts beside it ran on. R is not needed."""

from __future__ import annotations

import itertools
import math

import krippendorff
import numpy as np
import pandas as pd
import pingouin as pg
import pytest
from compared import Reference, data
from scipy import stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from analysis.qualitative import coders
from analysis.statistics import (
    attrition,
    beside,
    change,
    distributions,
    effects,
    estimates,
    imputation,
    invariance,
    level,
    mixed,
    moderators,
    outcomes,
    power,
    reliability,
    resampling,
    series,
    this_year,
)
from analysis.statistics.estimates import Floats
from analysis.statistics.signed_rank import signed_rank

# Where Python and R run different optimisers, or integrate numerically.
REML = 1e-4
DEVIANCE = 1e-6
# Limits from inverting the noncentral t, by search on either side.
LIMITS = 1e-6
BOOTSTRAP = 0.1
COMMON = {
    "unit": "cohort", "source": "staff", "instrument": "spsc", "analysis": "answers",
    "measure": "total", "wave": "t1", "group": "all",
}  # fmt: skip


@pytest.mark.parametrize("name", ["schools", "few_schools"])
def test_clustered_estimates_match_clubsandwich(name: str) -> None:
    reference, frame = Reference("clustered"), data(name)
    change = (frame["followup"] - frame["baseline"]).to_numpy()
    primary = (frame["phase"] == "primary").astype("float64")
    one = pd.DataFrame({"one": np.ones(len(frame)), "primary": primary})
    found = {
        "mean": estimates.mean(change, frame["school"]),
        "phase": estimates.contrast(change, one, "primary", frame["school"]),
        "ancova": estimates.contrast(
            frame["followup"], one.assign(baseline=frame["baseline"]), "primary", frame["school"]
        ),
    }
    for key, estimate in found.items():
        for part, value in (
            ("estimate", estimate.value), ("se", estimate.se), ("df", estimate.df),
            ("p", estimate.p), ("low", estimate.ci_low), ("high", estimate.ci_high),
        ):  # fmt: skip
            reference.agrees(f"{name}.{key}.{part}", value)


def test_covariance_given_an_unreliable_baseline() -> None:
    reference, frame = Reference("unreliable"), data("schools")
    phase = (frame["phase"] == "primary").to_numpy()
    true, reliability = moderators.true_baseline(
        frame["baseline"].to_numpy(), phase.astype("intp"), 0.75
    )
    design = pd.DataFrame({"one": 1.0, "primary": phase.astype("float64"), "true": true})
    found = estimates.contrast(frame["followup"], design, "primary", frame["school"])
    reference.agrees("reliability", reliability)
    for part, value in (("estimate", found.value), ("se", found.se), ("df", found.df)):
        reference.agrees(part, value)
    reference.agrees("by_slope", found.value)


def test_the_mean_is_the_general_fit_with_a_constant() -> None:
    frame = data("schools")
    change = (frame["followup"] - frame["baseline"]).to_numpy()
    short = estimates.mean(change, frame["school"])
    general = estimates.contrast(
        change, pd.DataFrame({"one": np.ones(len(change))}), "one", frame["school"]
    )
    assert short.ci_low == pytest.approx(general.ci_low, abs=1e-12)
    assert short.df == pytest.approx(general.df, abs=1e-9)
    assert short.deff == pytest.approx(general.deff, abs=1e-9)


@pytest.mark.parametrize("name", ["schools", "few_schools"])
def test_school_means_and_intraclass_correlation(name: str) -> None:
    reference, frame = Reference("clustered"), data(name)
    change = (frame["followup"] - frame["baseline"]).to_numpy()
    each = estimates.mean_of_schools(change, frame["school"])
    reference.agrees(f"{name}.each.estimate", each.value)
    reference.agrees(f"{name}.each.low", each.ci_low)
    reference.agrees(f"{name}.each.high", each.ci_high)
    reference.agrees(f"{name}.each.p", each.p)
    icc, low, high, _ = moderators.intraclass(change, estimates.school_codes(frame["school"]))
    reference.agrees(f"{name}.icc", icc)
    reference.agrees(f"{name}.icc_low", low)
    reference.agrees(f"{name}.icc_high", high)


def test_wild_bootstrap_matches_one_written_out_in_r() -> None:
    frame = data("few_schools")
    frame["change"] = frame["followup"] - frame["baseline"]
    twin = frame.assign(school=frame["school"] + "b", change=frame["change"].to_numpy()[::-1])
    both = pd.concat([frame, twin], ignore_index=True)
    found = resampling.wild_test(
        both["change"], pd.DataFrame({"mean": np.ones(len(both))}), ["mean"], both["school"]
    )
    Reference("wild").agrees("mean.p", found.p)


@pytest.mark.parametrize("name", ["schools", "ties"])
def test_paired_statistics(name: str) -> None:
    reference, frame = Reference("effects"), data(name)
    first, second = ("before", "after") if name == "ties" else ("baseline", "followup")
    baseline = frame[first].to_numpy(dtype="float64")
    followup = frame[second].to_numpy(dtype="float64")
    t, p = change._t_test(followup - baseline)
    reference.agrees(f"{name}.t", t)
    reference.agrees(f"{name}.p", p)
    # R ranks scores with decimals by their noise: `schools` in thousandths is in wilcoxon.R.
    ranks = reference if name == "ties" else Reference("wilcoxon")
    ranks.agrees(f"{name}.wilcoxon", signed_rank(followup - baseline)[0])
    for effect in ("d_z", "d_av"):
        value, low, high = getattr(effects, effect)(baseline, followup)
        reference.agrees(f"{name}.{effect}", value)
        # R's effectsize searches for the limits with a tolerance of its own; R's pt for d_av.
        reference.agrees(f"{name}.{effect}_low", low, LIMITS)
        reference.agrees(f"{name}.{effect}_high", high, LIMITS)
    reference.agrees(f"{name}.shapiro", stats.shapiro(followup - baseline).pvalue, 1e-5)
    equivalence = effects.equivalence(estimates.mean(followup - baseline, None), 0.2)
    reference.agrees(f"{name}.tost", equivalence)


def test_signed_ranks_of_scores_are_those_of_their_sums() -> None:
    reference = Reference("wilcoxon")
    ties = data("ties")
    few = (ties["after"] - ties["before"]).to_numpy(dtype="float64")
    reference.agrees("ties.asymptotic", signed_rank(few)[0])
    p, method = signed_rank(few[:16])
    reference.agrees("few.exact", p)
    assert "exact" in method
    before, after = (np.array(reference.values[f"sums.{name}"]) for name in ("before", "after"))
    # As scored: means of six items. Ranked as they come, the numbers' noise breaks ties.
    change = after / 6 - before / 6
    reference.agrees("sums.asymptotic", signed_rank(change)[0])
    reference.agrees("sums.first15", signed_rank(change[:15])[0])
    noisy = stats.wilcoxon(change, method="asymptotic", correction=True).pvalue
    assert abs(noisy / reference.values["sums.asymptotic"] - 1) > 1e-3
    untied = np.array([1, -2, 3, 4, -5, 6, 7, 8, 9, -10, 11, 12]) / 7
    reference.agrees("untied.exact", signed_rank(untied)[0])


def test_equivalence_is_pingouins_for_unrelated_people() -> None:
    frame = data("schools")
    baseline, followup = frame["baseline"].to_numpy(), frame["followup"].to_numpy()
    ours = effects.equivalence(estimates.mean(followup - baseline, None), 0.2)
    theirs = pg.tost(followup, baseline, bound=0.2, paired=True)
    column = "pval" if "pval" in theirs else "p_val"
    assert ours == pytest.approx(float(theirs[column].iloc[0]), abs=1e-9)


def test_corrections_for_many_tests() -> None:
    p = [0.0029, 0.0095, 0.039, 0.07, 0.11, 0.129, 0.214, 0.803, 0.964]
    Reference("effects").agrees("holm", pg.multicomp(p, method="holm")[1])
    Reference("effects").agrees("bh", pg.multicomp(p, method="fdr_bh")[1])


def test_reliability() -> None:
    reference, frame = Reference("reliability"), data("one_factor")
    value, limits = pg.cronbach_alpha(frame)
    reference.agrees("alpha", float(value))
    # pingouin rounds Feldt's limits to three decimals.
    assert float(limits[0]) == pytest.approx(reference.values["feldt_low"], abs=6e-4)
    assert float(limits[1]) == pytest.approx(reference.values["feldt_high"], abs=6e-4)
    covariance = np.cov(frame.to_numpy(), rowvar=False)
    reference.agrees("alpha", reliability.alpha_of(covariance))
    correlations = np.corrcoef(frame.to_numpy(), rowvar=False)
    omega = reliability.omega(correlations)
    # One factor by principal axes, by minres, and as psych::omega reports it.
    reference.agrees("omega_pa", omega, 1e-5)
    reference.agrees("omega_minres", omega, 1e-4)
    reference.agrees("omega_psych", omega, 1e-3)
    points = frame.to_numpy()
    rest = [
        float(np.corrcoef(points[:, k], np.delete(points, k, axis=1).sum(axis=1))[0, 1])
        for k in range(points.shape[1])
    ]
    reference.agrees("item_rest", rest)
    complete = data("cronbach_missing").dropna()
    complete = complete.loc[:, complete.std() > 0]
    assert complete.shape[1] == reference.values["columns_missing"]
    reference.agrees("alpha_missing", float(pg.cronbach_alpha(complete)[0]))


def test_mixed_model_matches_lme4() -> None:
    reference, frame = Reference("mixed"), data("long")
    design = pd.DataFrame(
        {"one": np.ones(len(frame)), "f": (frame["wave"] == "followup").astype("float64")}
    )
    found = mixed.fit(frame["score"], design, frame["school"], frame["person"])
    assert found is not None and found.converged
    for key, value in (
        ("person", found.person), ("school", found.school), ("residual", found.residual),
        ("se", found.wald_se[1]),
    ):  # fmt: skip
        reference.agrees(key, value, REML)
    assert abs(found.deviance - reference.values["deviance"]) < DEVIANCE
    estimate = found.estimate(f=1.0)
    reference.agrees("estimate", estimate.value, REML)
    # clubSandwich takes another root of the working covariance; same aim, close numbers.
    reference.agrees("cr2_se", estimate.se, 0.02)
    assert estimate.df == pytest.approx(reference.values["cr2_df"], rel=0.1)
    # What the model alone would claim: a far smaller error and many more degrees of freedom.
    assert found.wald_se[1] < 0.7 * estimate.se
    assert reference.values["satterthwaite_df"] > 5 * estimate.df


def test_mixed_model_of_change_matches_lme4() -> None:
    reference, frame = Reference("mixed"), data("schools")
    design = pd.DataFrame(
        {"one": np.ones(len(frame)), "p": (frame["phase"] == "primary").astype("float64")}
    )
    found = mixed.fit(frame["followup"] - frame["baseline"], design, frame["school"])
    assert found is not None and found.converged
    assert abs(found.deviance - reference.values["change.deviance"]) < DEVIANCE
    reference.agrees("change.school", found.school, REML)
    reference.agrees("change.residual", found.residual, REML)
    reference.agrees("change.estimate", found.estimate(p=1.0).value, REML)
    reference.agrees("change.se", found.wald_se[1], REML)


def test_mixed_model_with_missing_waves_matches_lme4() -> None:
    reference, frame = Reference("mixed"), data("missing_waves")
    score = frame[["baseline", "followup"]].to_numpy().T.ravel()
    late = np.repeat([0.0, 1.0], len(frame))
    primary = np.tile((frame["phase"] == "primary").to_numpy(dtype="float64"), 2)
    design = pd.DataFrame({"one": 1.0, "f": late, "p": primary, "both": late * primary})
    seen = ~np.isnan(score)
    schools, people = np.tile(frame["school"], 2), np.tile(np.arange(len(frame)), 2)
    found = mixed.fit(score[seen], design[seen], schools[seen], people[seen])
    assert found is not None and found.converged
    assert abs(found.deviance - reference.values["missing.deviance"]) < DEVIANCE
    for component in ("school", "person", "residual"):
        reference.agrees(f"missing.{component}", getattr(found, component), REML)
    reference.agrees("missing.estimate", found.estimate(both=1.0).value, REML)


def test_ranks_that_pairwise_tests_leave_possible() -> None:
    reference, frame = Reference("ranks"), data("ranked")
    names = [f"s{k}" for k in range(1, 7)]
    found = list(level._ranked(COMMON, names, frame[names].to_numpy().T, frame["school"], 2))
    reference.agrees("low", [result.ci_low for result in found])
    reference.agrees("high", [result.ci_high for result in found])
    values = frame[names].to_numpy()
    first, second = np.triu_indices(6, 1)
    codes = estimates.school_codes(frame["school"])

    def by_school() -> list[Floats]:
        answered = ~np.isnan(values)
        away = np.where(answered, values - np.nanmean(values, axis=0), 0.0)
        return [estimates.school_sums(each * 1.0, codes) for each in (answered, away)]

    se, df = level._errors_of_gaps(*by_school(), first, second)
    gaps = values.mean(axis=0)[first] - values.mean(axis=0)[second]
    corrected = pg.multicomp(2 * stats.t.sf(np.abs(gaps) / se, df), method="holm")[1]
    # R goes through pairs by columns, numpy by rows.
    order = np.lexsort((first, second))
    reference.agrees("p", corrected[order])
    values[::3, 0], values[codes == 0, 1] = np.nan, np.nan
    se, df = level._errors_of_gaps(*by_school(), np.array([0, 1]), np.array([1, 5]))
    for place in (0, 1):
        reference.agrees(f"missing{place + 1}.se", se[place])
        reference.agrees(f"missing{place + 1}.df", df[place])
    # Neither all one rank nor all apart, or the comparison would say nothing.
    assert len({(result.ci_low, result.ci_high) for result in found}) > 2
    assert any(result.ci_low < result.value for result in found)


def test_imputation_matches_pan(monkeypatch: pytest.MonkeyPatch) -> None:
    reference, frame = Reference("imputation"), data("missing_waves")
    monkeypatch.setattr(imputation, "IMPUTATIONS", 400)
    terms = pd.get_dummies(frame[["phase", "role"]], drop_first=True, dtype="float64")
    codes = estimates.school_codes(frame["school"])
    scores = frame[["baseline", "followup"]].to_numpy()
    full = imputation.impute(scores, terms.assign(one=1.0).to_numpy(), codes)
    assert full is not None
    people, sizes = full.sizes.sum(), full.sizes
    change = (full.sums[:, 1] - full.sums[:, 0]).sum(axis=1) / people
    # Two samplers' draws: 400 imputations tell means to a twentieth of their spread.
    away = change.mean() - reference.values["change"]
    assert abs(away) < 3 * math.sqrt(2 / 400) * reference.values["change.between"]
    reference.agrees("change.between", change.std(ddof=1), 0.15)
    covariance = full.covariances()
    spread = np.sqrt(covariance[:, 1, 1])
    reference.agrees("spread", spread.mean(), 0.01)
    # F of the analysis of variance of the follow-up by schools, from the same sums.
    means = full.sums[:, 1] / sizes
    between = np.sum(sizes * (means - (means @ sizes / people)[:, None]) ** 2, axis=1)
    within = covariance[:, 1, 1] * (people - 1) - between
    f = (between / (len(sizes) - 1)) / (within / (people - len(sizes)))
    reference.agrees("f", f.mean(), 0.05)
    correlation = covariance[:, 0, 1] / np.sqrt(covariance[:, 0, 0]) / spread
    reference.agrees("correlation", correlation.mean(), 0.02)


def test_the_interaction_of_a_mixed_anova_is_the_anova_of_differences() -> None:
    reference, frame = Reference("groups"), data("mixed_anova")
    frame = frame[frame["Time"] != "January"]
    wide = frame.pivot(index=["Subject", "Group"], columns="Time", values="Scores").reset_index()
    change = wide["June"] - wide["August"]
    test = stats.f_oneway(*(change[wide["Group"] == group] for group in wide["Group"].unique()))
    reference.agrees("interaction.f", test.statistic)
    reference.agrees("interaction.p", test.pvalue)
    direct = pg.mixed_anova(
        frame, dv="Scores", within="Time", between="Group", subject="Subject"
    ).set_index("Source")
    assert float(direct.loc["Interaction", "F"]) == pytest.approx(test.statistic, abs=1e-8)


def test_ancova_welch_and_chi_squared() -> None:
    reference, frame = Reference("groups"), data("ancova")
    table = pg.ancova(frame, dv="Scores", covar="Income", between="Method").set_index("Source")
    column = "p_unc" if "p_unc" in table else "p-unc"
    reference.agrees("ancova.f", float(table.loc["Method", "F"]))
    reference.agrees("ancova.p", float(table.loc["Method", column]))
    methods = sorted(frame["Method"].unique())
    design = pd.DataFrame({m: (frame["Method"] == m).astype("float64") for m in methods})
    design["income"] = frame["Income"] - frame["Income"].mean()
    fit = estimates.Clustered(
        frame["Scores"].to_numpy(dtype="float64"), design.to_numpy(), np.arange(len(frame)) % 12
    )
    pairs = [fit.beta[a] - fit.beta[b] for a, b in itertools.combinations(range(len(methods)), 2)]
    reference.agrees("ancova.pairs", pairs)
    heart = data("heart")
    groups = [heart.loc[heart["target"] == value, "thalach"] for value in (0, 1)]
    welch = pg.ttest(*groups, correction=True).iloc[0]
    reference.agrees("welch.t", float(welch["T"]))
    reference.agrees("welch.df", float(welch["dof"]))
    reference.agrees("welch.p", float(welch["p_val"]))
    counts = pd.crosstab(heart["cp"], heart["target"]).to_numpy()
    test = stats.chi2_contingency(counts, correction=False)
    reference.agrees("chi2", test.statistic)
    reference.agrees("chi2.p", test.pvalue)
    fit_test = attrition._goodness_of_fit(
        heart["cp"].value_counts().sort_index(), len(heart) * np.array([0.4, 0.3, 0.2, 0.1])
    )
    for key, value in zip(("fit.chi2", "fit.p"), fit_test, strict=True):
        reference.agrees(key, value)
    age, rate = heart["age"].to_numpy("float64"), heart["thalach"].to_numpy("float64")
    # Of all but one person more, who is left out.
    schools = np.append(np.zeros(len(age), dtype=np.intp), 1)
    left = distributions._without_each_school(np.append(age, 90), np.append(rate, 20), schools)
    reference.agrees("correlation", float(left[1]))
    skews = {r.statistic: r.value for r in distributions._skews(COMMON, age[:, None])}
    reference.agrees("skew", skews["skew_lowest"])
    reference.agrees("cramers_v", stats.contingency.association(counts, method="cramer"))


def test_weights_come_from_rs_logistic_regression() -> None:
    heart = data("heart")
    described = heart[["age", "thalach"]].assign(cp=heart["cp"].astype("str"))
    stays = heart["target"].to_numpy(dtype="float64")
    weights = attrition.stay_weights(described, stays)
    assert weights is not None
    fitted = Reference("groups").values["logistic"]
    first_five = stays.mean() / np.array(fitted)
    within = (weights[:5] > weights.min() + 1e-9) & (weights[:5] < weights.max() - 1e-9)
    assert within.any()
    assert np.max(np.abs(weights[:5] - first_five)[within]) < 1e-6


def test_power_proportions_and_rates() -> None:
    reference = Reference("groups")
    estimate = estimates.Estimate(0.0, se=1 / math.sqrt(20), df=19.0)
    reference.agrees("power", power.smallest_detectable(estimate), 1e-4)
    by_pingouin = pg.power_ttest(n=20, power=0.8, contrast="one-sample")
    assert power.smallest_detectable(estimate) == pytest.approx(by_pingouin, abs=1e-4)
    low, high, _ = outcomes._one_school(37, 120, "people")
    reference.agrees("wilson", [low / 100, high / 100])
    low, high, _ = outcomes._one_school(4, 100, "events")
    reference.agrees("poisson", [low, high])


def test_ratios_over_schools() -> None:
    reference, frame = Reference("ratios"), data("schools")
    sums = frame.groupby("school")["followup"].agg(["sum", "size"])
    low, high, df, _ = outcomes.ratio(sums["sum"], sums["size"])
    reference.agrees("ratio", (low + high) / 200)
    reference.agrees("ratio.hc2", (high - low) / 200 / estimates.quantile(df))
    low, high, df, _ = outcomes.ratio(sums["sum"], sums["size"])
    Reference("moved").agrees("ratio.df", df)
    sums = (
        frame.groupby("school")[["baseline", "followup"]]
        .sum()
        .assign(size=frame.groupby("school").size())
    )
    later = pd.DataFrame(
        {"numerator": sums["followup"],
         "denominator": sums["size"] + np.arange(1, len(sums) + 1) % 3}
    )  # fmt: skip
    earlier = pd.DataFrame({"numerator": sums["baseline"], "denominator": sums["size"]})
    change = outcomes._difference(earlier, later)
    Reference("moved").agrees("ratio_change.estimate", change.value)
    Reference("moved").agrees("ratio_change.se", change.se)
    Reference("moved").agrees("ratio_change.df", change.df)
    # Design-based linearisation (survey) differs from HC2 by the schools' shares only.
    reference.agrees("survey.se", (high - low) / 200 / estimates.quantile(df), 0.02)


def test_agreement_between_coders() -> None:
    reference, frame = Reference("agreement"), data("coders")
    table = pd.crosstab(frame["first"], frame["second"]).to_numpy(dtype="float64")
    reference.agrees("kappa", coders.kappa(table))
    units = frame[["first", "second"]].to_numpy().T
    reference.agrees("alpha", krippendorff.alpha(units, level_of_measurement="nominal"))
    sums = units.sum(axis=0)
    counts = np.bincount(sums, minlength=3)[None, :].astype("float64")
    reference.agrees("alpha", float(coders.alpha(counts)[0]))
    draws = np.random.default_rng(1).integers(0, len(frame), (2_000, len(frame)))
    tables = np.array(
        [
            [[np.sum((units[0, d] == a) & (units[1, d] == b)) for b in (0, 1)] for a in (0, 1)]
            for d in draws
        ],
        dtype="float64",
    )
    reference.agrees("kappa.percentile", coders._percentiles(coders._kappas(tables)), BOOTSTRAP)


@pytest.mark.parametrize("name", ["schools", "few_schools"])
def test_weighted_fits_match_clubsandwich(name: str) -> None:
    reference, frame = Reference("moved"), data(name)
    weights = frame["baseline"].to_numpy()
    mean = estimates.mean(frame["followup"], frame["school"], weights)
    primary = (frame["phase"] == "primary").to_numpy(dtype="float64")
    design = np.column_stack([np.ones(len(frame)), primary])
    fit = estimates.Clustered(frame["followup"].to_numpy(), design, frame["school"], weights)
    phase = fit.estimate(np.array([0.0, 1.0]))
    for key, found in (("weighted", mean), ("weighted_phase", phase)):
        reference.agrees(f"{name}.{key}.estimate", found.value)
        reference.agrees(f"{name}.{key}.se", found.se)
        reference.agrees(f"{name}.{key}.df", found.df)


@pytest.mark.parametrize("name", ["schools", "few_schools"])
def test_people_who_moved_are_related_to_both_their_schools(name: str) -> None:
    reference, frame = Reference("moved"), data(name)
    change = (frame["followup"] - frame["baseline"]).to_numpy()
    first = np.unique(frame["school"], return_inverse=True)[1]
    moved = np.arange(1, len(frame) + 1) % 4 == 0
    both = np.column_stack([first, np.where(moved, (first + 1) % (first.max() + 1), first)])
    design = pd.DataFrame({"one": 1.0, "primary": (frame["phase"] == "primary") * 1.0})
    for key, found in (
        ("moved", estimates.mean(change, both)),
        ("moved_phase", estimates.contrast(change, design, "primary", both)),
        ("moved_weighted", estimates.mean(change, both, frame["baseline"])),
    ):
        reference.agrees(f"{name}.{key}.se", found.se)
        reference.agrees(f"{name}.{key}.df", found.df)
    # Where nobody moved, both columns are one.
    stayed = estimates.mean(change, np.column_stack([first, first]))
    reference.agrees(f"{name}.own_se", stayed.se)
    assert stayed == estimates.mean(change, first)


def summed(frame: pd.DataFrame) -> beside.Sums:
    """Schools' sums of the follow-up, in order of their names."""
    each = frame.groupby(frame["school"].astype("str"))["followup"].agg(["count", "mean", "var"])
    squares = each["var"].fillna(0.0) * (each["count"] - 1)
    return beside.Sums(
        *(part.to_numpy("float64") for part in (each["count"], each["mean"], squares))
    )


def one_school(schools: beside.Sums, place: int) -> beside.Sums:
    parts = (schools.n, schools.mean, schools.squares)
    return beside.Sums(*(part[[place]] for part in parts))


def test_a_school_beside_the_others() -> None:
    reference, frame = Reference("beside"), data("schools")
    schools = summed(frame)
    for place in (0, 3, len(schools.n) - 1):
        found = beside.difference(one_school(schools, place), schools.others(place))
        key = str(place + 1)
        reference.agrees(f"difference{key}", [found.value, found.ci_low, found.ci_high, found.df])
        drawn, weight = beside.shrunken(schools, place)
        # A sum over 200 points against an integral.
        reference.agrees(
            f"shrunken{key}", [drawn.value, drawn.ci_low, drawn.ci_high, 100 * weight], 1e-4
        )
    two = summed(frame[frame["school"].isin(sorted(frame["school"].unique())[:2])])
    found = beside.difference(one_school(two, 0), two.others(0))
    reference.agrees("welch", [found.value, found.ci_low, found.ci_high, found.p, found.df])


def test_the_mean_of_those_invited_this_year() -> None:
    reference, schools = Reference("finite"), summed(data("schools"))
    invited = np.array(reference.values["invited"], dtype="float64")
    variances = schools.squares / np.maximum(schools.n - 1, 1)
    parts = schools.n, schools.mean, variances, invited
    found = this_year.mean(*(part[[0]] for part in parts))
    reference.agrees("one", [found.value, found.ci_low, found.ci_high])
    reference.agrees("t", [found.ci_low, found.ci_high])
    found = this_year.mean(*parts)
    reference.agrees("all", [found.value, found.ci_low, found.ci_high])
    everybody = this_year.mean(*parts[:3], schools.n)
    assert everybody.ci_low == everybody.value == everybody.ci_high


def test_effect_sizes_that_can_be_compared() -> None:
    reference, frame = Reference("standardised"), data("schools")
    baseline, followup = (frame[name].to_numpy("float64") for name in ("baseline", "followup"))
    primary = (frame["phase"] == "primary").to_numpy()
    groups = followup[primary], followup[~primary]
    design = pd.DataFrame({"one": 1.0, "phase": primary.astype("float64")})
    for key, values, outcome in (
        ("change", None, (followup, baseline)),
        ("phases", followup, groups),
        ("phases_change", followup - baseline, groups),
    ):
        if values is None:
            estimate = estimates.mean(followup - baseline, frame["school"])
        else:
            estimate = estimates.contrast(values, design, "phase", frame["school"])
        reference.agrees(f"g.{key}", effects.hedges_g(estimate, *outcome))


def test_segmented_regression_matches_clubsandwich() -> None:
    reference, frame = Reference("series"), data("series")
    cells = frame.groupby(["school", "season"]).ngroup().to_numpy()
    names = {"step": "after", "trend": "years", "bend": "since"}
    for key, kept in (("whole", frame["years"] < 9), ("year", frame["years"].abs() < 1.1)):
        rows = frame[kept]
        found = series.segmented(
            (rows["numerator"] / rows["denominator"]).to_numpy(),
            rows["denominator"].to_numpy("float64"), cells[kept], rows["years"].to_numpy(),
            estimates.school_codes(rows["school"]),
        )  # fmt: skip
        assert found is not None
        # With one year on either side a trend cannot be told from the step.
        assert set(found.estimates) == ({"step"} if key == "year" else set(names))
        for name, estimate in found.estimates.items():
            for part, value in (
                ("estimate", estimate.value), ("se", estimate.se), ("df", estimate.df),
                ("p", estimate.p),
            ):  # fmt: skip
                reference.agrees(f"{key}.{names[name]}.{part}", value)


def test_items_that_work_differently_match_ordinal_logistic_regression_and_lavaan() -> None:
    reference, frame = Reference("invariance"), data("dif")
    names = [f"q{k}" for k in range(1, 7)]
    score, group = frame[names].sum(axis=1).to_numpy("float64"), frame["group"].to_numpy()
    by_p = {}
    for name in names:
        found = invariance.different(frame[name].to_numpy("float64"), score, group)
        assert found is not None
        reference.agrees(f"{name}.effect", found.effect, 1e-5)
        reference.agrees(f"{name}.uniform", found.uniform, 1e-5)
        reference.agrees(f"{name}.p", found.p, 1e-5)
        by_p[name] = found
    # A factor model of ordered answers finds the same two items, and no other.
    differ = [name for name in names if reference.values[f"{name}.lavaan_p"] < 0.01]
    assert differ == ["q3", "q6"]
    assert [name for name in names if by_p[name].p < 0.01] == differ
    # Large enough to be named is the one that was moved by more than a category.
    assert [name for name in names if by_p[name].effect >= 0.035] == ["q3"]


def test_the_ordinal_likelihood_is_that_of_statsmodels() -> None:
    frame = data("dif")
    score = frame[[f"q{k}" for k in range(1, 7)]].sum(axis=1)
    x = np.column_stack([(score - score.mean()) / score.std(ddof=0), frame["group"]])
    model = OrderedModel(frame["q4"].astype(int), x, distr="logit").fit(method="bfgs", disp=0)
    rows, cell = np.unique(x, axis=0, return_inverse=True)
    counts = np.zeros((len(rows), 5))
    np.add.at(counts, (cell.ravel(), frame["q4"].to_numpy() - 1), 1)
    assert invariance.ordinal(counts, rows) == pytest.approx(model.llf, abs=1e-5)
