//! What a needle must keep to, as data: the code knows kinds of rule, the file the numbers.

use super::asset::{AssetError, Fields};
use crate::terms::{Site, Structure};
use std::collections::BTreeSet;

const BUILT_IN: &str = include_str!("../../assets/rules.toml");

/// A kind of rule with its numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// The shaft stays away from a structure.
    Clearance {
        /// Which.
        structure: Structure,
        /// mm between the shaft's surface and the structure's; 0: not through it.
        at_least_mm: f64,
        /// Whatever in the body is denser counts as this structure.
        or_above_hu: Option<f64>,
        /// The structure can be seen only with contrast.
        needs_contrast: bool,
        /// For lesions of these sites the rule only warns.
        warns_for: Vec<Site>,
    },
    /// The shaft stays out of the lung on the other side of the midline than the lesion's centroid.
    OtherLung {
        /// mm between the shaft's surface and that lung.
        at_least_mm: f64,
        /// No such rule for a lesion this near to the midline, mm.
        free_within_mm: f64,
    },
    /// The needle is long enough; the limit is the model's usable shaft.
    Depth,
    /// The tip goes at most so far beyond the lesion.
    TipBeyond {
        /// mm along the shaft.
        at_most_mm: f64,
    },
    /// The entry lies on skin that the scan shows.
    RealSkin {
        /// mm from the body's surface.
        within_mm: f64,
        /// mm away from where the field of view cuts the body.
        from_cut_mm: f64,
    },
    /// The needle does not meet the skin too flat.
    SkinAngle {
        /// Degrees between needle and skin.
        at_least_deg: f64,
        /// Radius of the ball over which the skin's normal is smoothed, mm.
        over_mm: f64,
    },
    /// The line continued outwards meets nothing solid.
    WayIn {
        /// mm outwards.
        reach_mm: f64,
        /// HU above which something is solid.
        above_hu: f64,
        /// Longest solid run that does not count, mm.
        at_most_mm: f64,
    },
    /// Between entry and tip the shaft does not leave the body.
    StaysInside {
        /// Longest run outside that does not count, mm.
        at_most_mm: f64,
        /// The first mm behind the entry, where the skin's own voxels decide, do not count.
        from_entry_mm: f64,
    },
    /// In another pose than the scanned one: the skin is not lain on.
    LiesOn {
        /// Degrees between the skin's outward normal and down.
        at_least_deg: f64,
    },
}

/// One rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Stable name; its text is `rule-<id>` in the words.
    pub id: String,
    /// What it asks.
    pub kind: Kind,
    /// Where its numbers are from.
    pub source: String,
    /// Whether someone responsible has confirmed them.
    pub verified: bool,
}

/// All rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Clearances do not count where the shaft's axis is this near to the centre of a voxel of the lesion, mm.
    pub near_lesion_mm: f64,
    /// Least distance between the shafts of two needles where they freeze, mm.
    pub spacing_mm: f64,
    /// The rules in the order of the file.
    pub list: Vec<Rule>,
}

impl Rules {
    /// The rules that the program brings along.
    pub fn built_in() -> Result<Rules, AssetError> {
        Rules::parse(BUILT_IN)
    }

    /// Reads rules as TOML. Errors name the rule and the field.
    pub fn parse(text: &str) -> Result<Rules, AssetError> {
        let mut top = Fields::top("rules", text)?;
        let [near_lesion_mm, spacing_mm] = {
            let mut read = |field| -> Result<f64, AssetError> {
                let mut f = top.table(field)?;
                let mm = f.number("mm", 0.0..=50.0)?;
                f.flag("verified")?;
                f.source()?;
                f.end()?;
                Ok(mm)
            };
            [read("near_lesion")?, read("spacing")?]
        };
        let mut list = Vec::new();
        let mut ids = BTreeSet::new();
        let mut kinds = BTreeSet::new();
        for mut f in top.tables("rule")? {
            let id = f.id()?;
            if !ids.insert(id.clone()) {
                return Err(AssetError::Twice { file: "rules", id });
            }
            let name = f.text("kind")?;
            let kind = kind(&name, &mut f)?;
            // Only clearances may stand there more than once.
            if !kinds.insert(name.clone()) && name != "clearance" {
                return Err(AssetError::Twice { file: "rules", id: format!("kind {name}") });
            }
            list.push(Rule { id, kind, source: f.source()?, verified: f.flag("verified")? });
            f.end()?;
        }
        top.end()?;
        // A rule that was left out by mistake would be a rule that is silently not kept.
        for field in KINDS {
            if !kinds.contains(field) {
                return Err(AssetError::Missing { place: "rules.toml, kind".into(), field });
            }
        }
        Ok(Rules { near_lesion_mm, spacing_mm, list })
    }

    /// The rule of that id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.list.iter().find(|r| r.id == id)
    }
}

const KINDS: [&str; 9] =
    ["clearance", "other-lung", "depth", "tip-beyond", "real-skin", "skin-angle", "way-in", "stays-inside", "lies-on"];

fn kind(name: &str, f: &mut Fields) -> Result<Kind, AssetError> {
    let bad = |f: &Fields, field: &str, wanted: &str| AssetError::Bad {
        place: f.place(),
        field: field.into(),
        wanted: wanted.into(),
    };
    // More than this the distance maps do not tell.
    let clearance = 0.0..=15.0;
    Ok(match name {
        "clearance" => {
            let structure = f.text("structure")?;
            let Some(structure) = Structure::ALL.into_iter().find(|s| s.name() == structure) else {
                return Err(bad(f, "structure", "the name of a structure"));
            };
            let sites: Option<Vec<Site>> = f.texts("warns_for")?.iter().map(|s| Site::from_name(s)).collect();
            Kind::Clearance {
                structure,
                at_least_mm: f.number("at_least_mm", clearance)?,
                or_above_hu: f.number_if_any("or_above_hu", -1000.0..=3000.0)?,
                needs_contrast: f.flag_if_any("needs_contrast")?,
                warns_for: sites.ok_or_else(|| bad(f, "warns_for", "names of sites"))?,
            }
        }
        "other-lung" => Kind::OtherLung {
            at_least_mm: f.number("at_least_mm", clearance)?,
            free_within_mm: f.number("free_within_mm", 0.0..=100.0)?,
        },
        "depth" => Kind::Depth,
        "tip-beyond" => Kind::TipBeyond { at_most_mm: f.number("at_most_mm", 0.0..=50.0)? },
        "real-skin" => Kind::RealSkin {
            within_mm: f.number("within_mm", 0.5..=20.0)?,
            from_cut_mm: f.number("from_cut_mm", 0.0..=20.0)?,
        },
        "skin-angle" => Kind::SkinAngle {
            at_least_deg: f.number("at_least_deg", 0.0..=89.0)?,
            over_mm: f.number("over_mm", 3.0..=30.0)?,
        },
        "way-in" => Kind::WayIn {
            reach_mm: f.number("reach_mm", 0.0..=500.0)?,
            above_hu: f.number("above_hu", -900.0..=1000.0)?,
            at_most_mm: f.number("at_most_mm", 0.0..=50.0)?,
        },
        "stays-inside" => Kind::StaysInside {
            at_most_mm: f.number("at_most_mm", 0.0..=50.0)?,
            from_entry_mm: f.number("from_entry_mm", 0.0..=10.0)?,
        },
        "lies-on" => Kind::LiesOn { at_least_deg: f.number("at_least_deg", 0.0..=180.0)? },
        _ => return Err(bad(f, "kind", &format!("one of {}", KINDS.join(", ")))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_are_those_of_the_trials_first_version() {
        let r = Rules::built_in().unwrap();
        assert_eq!(r.near_lesion_mm, 3.0);
        let least = |id: &str| match r.rule(id).unwrap().kind {
            Kind::Clearance { at_least_mm, .. } => at_least_mm,
            _ => f64::NAN,
        };
        assert_eq!([least("bone"), least("lung-vessels"), least("wall-vessels")], [2.0; 3]);
        assert_eq!([least("mediastinum"), least("below-diaphragm")], [5.0, 0.0]);
        assert_eq!(r.rule("skin-angle").unwrap().kind, Kind::SkinAngle { at_least_deg: 30.0, over_mm: 10.0 });
        assert!(r.list.iter().all(|r| !r.source.is_empty()));
    }

    #[test]
    fn a_rule_that_is_left_out_or_misspelt_is_an_error_not_a_freedom() {
        let without = BUILT_IN.split("[[rule]]\nid = \"way-in\"").next().unwrap();
        assert!(Rules::parse(without).unwrap_err().to_string().contains("way-in"));
        for (from, to, word) in [
            ("at_least_mm = 2.0", "at_least = 2.0", "at_least"),
            ("structure = \"bone\"", "structure = \"bones\"", "structure"),
            ("kind = \"depth\"", "kind = \"deep\"", "kind"),
            ("at_least_mm = 5.0", "at_least_mm = 500.0", "at_least_mm"),
            ("id = \"mediastinum\"", "id = \"bone\"", "bone"),
        ] {
            let error = Rules::parse(&BUILT_IN.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
