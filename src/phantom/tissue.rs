//! What a digital chest is made of: each tissue's HU and the structure it counts as in the truth.

use crate::terms::Structure;

/// Names each tissue once: the enum, one byte each, and the list that finds a tissue by its byte.
macro_rules! tissues {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A tissue of the digital chest; one byte per sample.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Tissue { $($(#[$doc])* $name,)* }

        /// All tissues, in the order of their bytes.
        const ALL: &[Tissue] = &[$(Tissue::$name,)*];
    };
}

tissues! {
    Air,
    TableShell,
    TableCore,
    Mattress,
    Skin,
    Fat,
    Muscle,
    LungLeft,
    LungRight,
    FissureLeft,
    FissureRight,
    /// Vessels below 3 mm; they count as the lung they lie in.
    SmallVesselLeft,
    SmallVesselRight,
    /// Vessels of 3 mm and more.
    Vessel,
    BronchusWallLeft,
    BronchusWallRight,
    BronchusAir,
    MediastinalFat,
    /// Soft tissue between the lungs: walls, nodes, oesophagus, pericardium.
    MediastinalSoft,
    OesophagusAir,
    HeartMuscle,
    /// Left heart, aorta and its branches, pulmonary veins outside the lungs.
    ArterialBlood,
    /// Right heart, pulmonary arteries outside the lungs, caval veins.
    VenousBlood,
    Cortex,
    RibMarrow,
    VertebraMarrow,
    Cartilage,
    Disc,
    Liquor,
    Cord,
    EpiduralFat,
    Diaphragm,
    AbdominalFat,
    Liver,
    Spleen,
    StomachWall,
    StomachFluid,
    StomachAir,
    Kidney,
    Lesion1,
    Lesion2,
    Lesion3,
}

impl Tissue {
    /// The tissue of a byte; air for a byte that is none.
    pub(super) fn of(byte: u8) -> Tissue {
        ALL.get(byte as usize).copied().unwrap_or(Tissue::Air)
    }

    /// The tissue of lesion `n`, from 0.
    pub(super) fn lesion(n: usize) -> Tissue {
        [Tissue::Lesion1, Tissue::Lesion2, Tissue::Lesion3][n.min(2)]
    }

    /// Which lesion it is, from 0.
    pub(super) fn lesion_number(self) -> Option<usize> {
        match self {
            Tissue::Lesion1 => Some(0),
            Tissue::Lesion2 => Some(1),
            Tissue::Lesion3 => Some(2),
            _ => None,
        }
    }

    /// Mean HU at 120 kV, without or with intravenous contrast in the venous-to-arterial overlap of a chest scan. Usual
    /// values of radiology textbooks (choice within their ranges); lung at full breath −800 to −870
    /// (a gradient is added by the renderer), mattress foam −950 to −800.
    pub(super) fn hu(self, contrast: bool) -> f32 {
        let with = |plain: f32, filled: f32| if contrast { filled } else { plain };
        match self {
            Tissue::Air | Tissue::StomachAir => -1000.0,
            Tissue::TableShell => -60.0,
            Tissue::TableCore => -965.0,
            Tissue::Mattress => -890.0,
            Tissue::Skin => 10.0,
            Tissue::Fat => -104.0,
            Tissue::Muscle => with(54.0, 64.0),
            Tissue::LungLeft | Tissue::LungRight => -858.0,
            Tissue::FissureLeft | Tissue::FissureRight => -480.0,
            Tissue::SmallVesselLeft | Tissue::SmallVesselRight | Tissue::Vessel => with(42.0, 210.0),
            Tissue::BronchusWallLeft | Tissue::BronchusWallRight => 10.0,
            Tissue::BronchusAir => -990.0,
            Tissue::MediastinalFat => -96.0,
            Tissue::MediastinalSoft => with(38.0, 52.0),
            Tissue::OesophagusAir => -900.0,
            Tissue::HeartMuscle => with(50.0, 95.0),
            Tissue::ArterialBlood => with(42.0, 255.0),
            Tissue::VenousBlood => with(42.0, 225.0),
            Tissue::Cortex => 980.0,
            Tissue::RibMarrow => 170.0,
            Tissue::VertebraMarrow => 185.0,
            Tissue::Cartilage => 105.0,
            Tissue::Disc => 88.0,
            Tissue::Liquor => 12.0,
            Tissue::Cord => 38.0,
            Tissue::EpiduralFat => -80.0,
            Tissue::Diaphragm => with(48.0, 60.0),
            Tissue::AbdominalFat => -102.0,
            Tissue::Liver => with(58.0, 100.0),
            Tissue::Spleen => with(48.0, 118.0),
            Tissue::StomachWall => with(40.0, 70.0),
            Tissue::StomachFluid => 14.0,
            Tissue::Kidney => with(34.0, 150.0),
            Tissue::Lesion1 | Tissue::Lesion2 | Tissue::Lesion3 => with(36.0, 62.0),
        }
    }

    /// Whether it is a filled vessel or chamber outside the lungs.
    fn is_great_vessel(self) -> bool {
        matches!(self, Tissue::ArterialBlood | Tissue::VenousBlood)
    }

    /// The structure that it counts as in the truth; `None` for air around the patient and for lesions.
    pub(super) fn structure(self, contrast: bool) -> Option<Structure> {
        Some(match self {
            Tissue::Air | Tissue::Lesion1 | Tissue::Lesion2 | Tissue::Lesion3 => return None,
            Tissue::TableShell | Tissue::TableCore | Tissue::Mattress => Structure::Table,
            Tissue::Skin | Tissue::Fat | Tissue::Muscle => Structure::Body,
            Tissue::LungLeft | Tissue::FissureLeft | Tissue::SmallVesselLeft | Tissue::BronchusWallLeft => {
                Structure::LeftLung
            }
            Tissue::LungRight | Tissue::FissureRight | Tissue::SmallVesselRight | Tissue::BronchusWallRight => {
                Structure::RightLung
            }
            Tissue::Vessel => Structure::LungVessels,
            Tissue::BronchusAir => Structure::Airways,
            t if t.is_great_vessel() && contrast => Structure::ContrastVessels,
            Tissue::MediastinalFat
            | Tissue::MediastinalSoft
            | Tissue::OesophagusAir
            | Tissue::HeartMuscle
            | Tissue::ArterialBlood
            | Tissue::VenousBlood => Structure::Mediastinum,
            Tissue::Cortex | Tissue::RibMarrow | Tissue::VertebraMarrow | Tissue::Cartilage | Tissue::Disc => {
                Structure::Bone
            }
            Tissue::Liquor | Tissue::Cord | Tissue::EpiduralFat => Structure::SpinalCanal,
            Tissue::Diaphragm
            | Tissue::AbdominalFat
            | Tissue::Liver
            | Tissue::Spleen
            | Tissue::StomachWall
            | Tissue::StomachFluid
            | Tissue::StomachAir
            | Tissue::Kidney => Structure::BelowDiaphragm,
        })
    }
}

/// Which tissues a shape may be painted over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Over(u64);

impl Over {
    /// Over everything.
    pub(super) const ALL: Over = Over(u64::MAX);

    /// Over these only.
    pub(super) const fn only(tissues: &[Tissue]) -> Over {
        let mut bits = 0;
        let mut n = 0;
        while n < tissues.len() {
            bits |= 1 << tissues[n] as u64;
            n += 1;
        }
        Over(bits)
    }

    /// Over these too.
    pub(super) const fn and(self, tissues: &[Tissue]) -> Over {
        Over(self.0 | Over::only(tissues).0)
    }

    /// Whether that byte may be painted over.
    pub(super) fn allows(self, byte: u8) -> bool {
        self.0 >> (byte & 63) & 1 == 1
    }
}

/// What the lungs are made of before vessels, airways and lesions come in.
pub(super) const LUNG: Over =
    Over::only(&[Tissue::LungLeft, Tissue::LungRight, Tissue::FissureLeft, Tissue::FissureRight]);

/// Everything within the lungs.
pub(super) const WITHIN_LUNGS: Over = Over::only(&[
    Tissue::LungLeft,
    Tissue::LungRight,
    Tissue::FissureLeft,
    Tissue::FissureRight,
    Tissue::SmallVesselLeft,
    Tissue::SmallVesselRight,
    Tissue::Vessel,
    Tissue::BronchusWallLeft,
    Tissue::BronchusWallRight,
    Tissue::BronchusAir,
]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tissue_is_found_by_its_byte() {
        for (n, tissue) in ALL.iter().copied().enumerate() {
            assert_eq!(tissue as usize, n);
            assert_eq!(Tissue::of(n as u8), tissue);
        }
        const { assert!(ALL.len() <= 64) }
    }
}
