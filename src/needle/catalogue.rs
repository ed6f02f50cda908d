//! The needles' catalogue as data, checked when read.

use super::asset::{AssetError, Fields};
use std::collections::BTreeSet;

const BUILT_IN: &str = include_str!("../../assets/needles.toml");

/// One isothermal surface of a needle: an ellipsoid of revolution round the shaft.
#[derive(Clone, Debug, PartialEq)]
pub struct Isotherm {
    /// Its temperature, °C.
    pub celsius: i32,
    /// Its extent along the shaft, mm.
    pub length_mm: f64,
    /// Its extent across the shaft, mm.
    pub width_mm: f64,
    /// Whether someone responsible has held it against the maker's instructions.
    pub verified: bool,
    /// Whether it was derived from the 0 °C surface, not given.
    pub derived: bool,
    /// Where the numbers are from.
    pub source: String,
}

/// One model of needle.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Stable name; plans keep it.
    pub id: String,
    /// Its name as people say it.
    pub name: String,
    /// Outer diameter of the shaft, mm.
    pub diameter_mm: f64,
    /// How deep the shaft can go, mm.
    pub usable_shaft_mm: f64,
    /// The ice's centre lies this far behind the tip, mm.
    pub tip_offset_mm: f64,
    /// Minutes of freezing that the isotherms stand for.
    pub minutes: f64,
    /// The surfaces, warmest first: 0, −20, −40 °C.
    pub isotherms: Vec<Isotherm>,
    /// Whether someone responsible has held geometry and all isotherms against the maker's instructions.
    pub verified: bool,
    /// Where the geometry is from.
    pub source: String,
}

impl Model {
    /// Radius of the shaft, mm.
    pub fn radius_mm(&self) -> f64 {
        self.diameter_mm / 2.0
    }

    /// The surface of that temperature.
    pub fn isotherm(&self, celsius: i32) -> Option<&Isotherm> {
        self.isotherms.iter().find(|i| i.celsius == celsius)
    }
}

/// All models, in the order in which they are offered; the first is the default.
#[derive(Clone, Debug, PartialEq)]
pub struct Catalogue {
    models: Vec<Model>,
}

/// How an isotherm follows from the 0 °C surface.
struct Derivation {
    celsius: i32,
    width_factor: f64,
    length_less_mm: f64,
    source: String,
}

impl Catalogue {
    /// The catalogue that the program brings along.
    pub fn built_in() -> Result<Catalogue, AssetError> {
        Catalogue::parse(BUILT_IN)
    }

    /// Reads a catalogue as TOML. Errors name the needle and the field.
    pub fn parse(text: &str) -> Result<Catalogue, AssetError> {
        let mut top = Fields::top("needles", text)?;
        let mut derivations = Vec::new();
        for mut f in top.tables("derive")? {
            derivations.push(Derivation {
                celsius: f.number("celsius", -196.0..=-0.5)? as i32,
                width_factor: f.number("width_factor", 0.05..=1.0)?,
                length_less_mm: f.number("length_less_mm", 0.0..=50.0)?,
                source: f.source()?,
            });
            f.end()?;
        }
        derivations.sort_by_key(|d| -d.celsius);
        let mut models = Vec::new();
        let mut ids = BTreeSet::new();
        for mut f in top.tables("needle")? {
            let id = f.id()?;
            if !ids.insert(id.clone()) {
                return Err(AssetError::Twice { file: "needles", id });
            }
            let mut isotherms = Vec::new();
            for mut s in f.tables("isotherm")? {
                isotherms.push(Isotherm {
                    celsius: s.number("celsius", -196.0..=0.0)? as i32,
                    length_mm: s.number("length_mm", 1.0..=150.0)?,
                    width_mm: s.number("width_mm", 1.0..=150.0)?,
                    verified: s.flag("verified")?,
                    derived: false,
                    source: s.source()?,
                });
                s.end()?;
            }
            let Some(edge) = isotherms.iter().find(|i| i.celsius == 0).cloned() else {
                return Err(AssetError::Missing { place: f.place(), field: "isotherm of 0 °C" });
            };
            for d in &derivations {
                if isotherms.iter().all(|i| i.celsius != d.celsius) {
                    isotherms.push(Isotherm {
                        celsius: d.celsius,
                        length_mm: (edge.length_mm - d.length_less_mm).max(0.1),
                        width_mm: edge.width_mm * d.width_factor,
                        verified: false,
                        derived: true,
                        source: d.source.clone(),
                    });
                }
            }
            isotherms.sort_by_key(|i| -i.celsius);
            for pair in isotherms.windows(2) {
                let nested = pair[1].celsius < pair[0].celsius
                    && pair[1].length_mm <= pair[0].length_mm
                    && pair[1].width_mm <= pair[0].width_mm;
                if !nested {
                    return Err(AssetError::NotNested { place: f.place(), celsius: pair[1].celsius });
                }
            }
            let verified = f.flag("verified")? && isotherms.iter().all(|i| i.verified);
            models.push(Model {
                id,
                name: f.text("name")?,
                diameter_mm: f.number("diameter_mm", 0.3..=10.0)?,
                usable_shaft_mm: f.number("usable_shaft_mm", 20.0..=400.0)?,
                tip_offset_mm: f.number("tip_offset_mm", 0.0..=60.0)?,
                minutes: f.number("minutes", 0.5..=120.0)?,
                isotherms,
                verified,
                source: f.source()?,
            });
            f.end()?;
        }
        top.end()?;
        if models.is_empty() {
            return Err(AssetError::Missing { place: "needles.toml".into(), field: "needle" });
        }
        Ok(Catalogue { models })
    }

    /// All models, in the order in which they are offered.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// The model of that id.
    pub fn model(&self, id: &str) -> Option<&Model> {
        self.models.iter().find(|m| m.id == id)
    }

    /// The model that is used where none was chosen: the first.
    pub fn default_model(&self) -> &Model {
        &self.models[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colder_surfaces_are_derived_and_say_so() {
        let c = Catalogue::built_in().unwrap();
        let m = c.default_model();
        assert_eq!(m.id, "icesphere");
        let sizes: Vec<_> = m.isotherms.iter().map(|i| (i.celsius, i.length_mm, i.width_mm, i.derived)).collect();
        assert_eq!(sizes[0], (0, 37.0, 32.0, false));
        assert!((sizes[1].1 - 29.3).abs() < 1e-9 && (sizes[1].2 - 20.32).abs() < 1e-9 && sizes[1].3);
        assert!((sizes[2].1 - 25.8).abs() < 1e-9 && (sizes[2].2 - 12.48).abs() < 1e-9 && sizes[2].3);
        assert!(c.models().iter().all(|m| !m.verified && !m.source.is_empty()));
    }

    #[test]
    fn a_hospitals_own_surface_stands_in_for_the_derived_one() {
        let own = BUILT_IN.replacen(
            "[[needle]]\nid = \"iceseed\"",
            "[[needle.isotherm]]\ncelsius = -20\nlength_mm = 28\nwidth_mm = 21.5\nverified = true\nsource = \"IFU\"\n\n[[needle]]\nid = \"iceseed\"",
            1,
        );
        let c = Catalogue::parse(&own).unwrap();
        let i = c.default_model().isotherm(-20).unwrap().clone();
        assert!(!i.derived && i.verified && i.width_mm == 21.5);
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for (from, to, word) in [
            ("diameter_mm = 1.5", "diameter_mm = -1.5", "diameter_mm"),
            ("diameter_mm = 1.5", "diameter_mm = nan", "diameter_mm"),
            ("diameter_mm = 1.5", "diameter = 1.5", "diameter"),
            ("id = \"iceseed\"", "id = \"icesphere\"", "icesphere"),
            ("width_factor = 0.39", "width_factor = 0.9", "-40"),
        ] {
            let error = Catalogue::parse(&BUILT_IN.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
        assert!(Catalogue::parse("").is_err());
    }
}
