//! Rows of the case report form: one per lesion and visit, as plain values.

use super::eligibility::Eligibility;
use crate::ct::{Ct, Finding, Source};
use crate::plan::Plan;
use crate::space::Voxel;
use crate::terms::Side;

/// The columns, in order. New ones are added at the end only.
pub const COLUMNS: [&str; 39] = [
    "subject_id",
    "visit",
    "lesion_id",
    "tracking_uid",
    "role",
    "site",
    "site_source",
    "side",
    "lobe",
    "scan_date",
    "series_uid",
    "slice_thickness_mm",
    "slice_spacing_mm",
    "kernel",
    "contrast",
    "measured_sop_instance_uid",
    "measured_z_mm",
    "long_axis_mm",
    "long_axis_pm_mm",
    "long_axis_auto_mm",
    "long_axis_reader_mm",
    "short_axis_mm",
    "short_axis_pm_mm",
    "short_axis_auto_mm",
    "short_axis_reader_mm",
    "max_3d_diameter_mm",
    "volume_mm3",
    "mean_hu",
    "method",
    "measured_by",
    "reader",
    "measured_at",
    "eligibility",
    "eligibility_why",
    "findings",
    "needles",
    "least_margin_minus20_mm",
    "needle_data_verified",
    "software_version",
];

/// A field of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Not known.
    Empty,
    /// Text.
    Text(String),
    /// A number with that many decimals.
    Number(f64, usize),
    /// A number as it came, in its shortest form.
    Exact(f64),
}

impl Cell {
    fn text(text: impl Into<String>) -> Cell {
        let text = text.into();
        if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
    }

    fn mm(value: Option<f64>) -> Cell {
        value.map_or(Cell::Empty, |v| Cell::Number(v, 2))
    }
}

/// One row; a cell per column.
#[derive(Clone, Debug, PartialEq)]
pub struct CrfRow {
    /// As many as [`COLUMNS`], in that order.
    pub cells: Vec<Cell>,
}

impl CrfRow {
    /// The cell of a column.
    pub fn cell(&self, column: &str) -> Option<&Cell> {
        COLUMNS.iter().position(|c| *c == column).and_then(|n| self.cells.get(n))
    }
}

/// What follows from a plan and goes into its rows. What is not known stays empty there.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Of this lesion.
    pub eligibility: &'a Eligibility,
    /// The patient's side on which the lesion's centroid lies.
    pub side: Option<Side>,
    /// Lobe.
    pub lobe: Option<&'a str>,
    /// Of the scan, the lesion and the plan.
    pub findings: &'a [Finding],
    /// Least margin of the −20 °C surface around the lesion, mm, signed.
    pub least_margin_minus20_mm: Option<f64>,
    /// Whether the data of all its needles are verified; `None` without needles.
    pub needle_data_verified: Option<bool>,
}

/// The row of the lesion at place `at` of the plan; `None` for research volumes and where there is no such lesion.
pub fn row(ct: &Ct, plan: &Plan, at: usize, known: &Known<'_>) -> Option<CrfRow> {
    if ct.source == Source::Research {
        return None;
    }
    let lesion = plan.lesions.get(at)?;
    let (axes, auto) = (lesion.axes(), &lesion.outline.measured);
    let drawn = lesion.by_reader.as_ref();
    let a = &ct.acquisition;
    let grid = ct.hu.grid;
    let z = grid.centre(Voxel::new(grid.size[0] / 2, grid.size[1] / 2, axes.slice)).z;
    let reader = drawn.map(|r| r.reader.as_str()).filter(|r| !r.is_empty()).unwrap_or(&plan.reader);
    let models: Vec<&str> = plan.needles_of(&lesion.tracking_uid).map(|(_, n)| n.needle.model.as_str()).collect();
    let mut codes: Vec<&str> = Vec::new();
    for finding in known.findings {
        if !codes.contains(&finding.code.name()) {
            codes.push(finding.code.name());
        }
    }
    let cells = vec![
        Cell::text(&plan.subject),
        Cell::text("baseline"),
        Cell::text(Plan::lesion_id(at)),
        Cell::text(&lesion.tracking_uid),
        Cell::text("target"),
        Cell::text(lesion.site.name()),
        Cell::text(lesion.site_source.name()),
        known.side.map_or(Cell::Empty, |s| Cell::text(s.name())),
        known.lobe.map_or(Cell::Empty, Cell::text),
        a.date.as_deref().map_or(Cell::Empty, Cell::text),
        Cell::text(&ct.identity.series_uid),
        a.slice_thickness_mm.map_or(Cell::Empty, Cell::Exact),
        Cell::Exact((grid.spacing.z * 1e4).round() / 1e4),
        Cell::text(&a.kernel),
        a.contrast.as_deref().map_or(Cell::Empty, Cell::text),
        axes.sop_instance_uid.map_or(Cell::Empty, Cell::text),
        Cell::Number(z, 2),
        Cell::Number(axes.long.mm, 2),
        Cell::Number(axes.long.pm_mm, 2),
        Cell::Number(auto.long.mm, 2),
        Cell::mm(drawn.map(|r| r.long.mm)),
        Cell::Number(axes.short.mm, 2),
        Cell::Number(axes.short.pm_mm, 2),
        Cell::Number(auto.short.mm, 2),
        Cell::mm(drawn.map(|r| r.short.mm)),
        Cell::Number(auto.max_3d_diameter_mm, 2),
        Cell::Number(auto.volume_mm3, 1),
        Cell::Number(auto.mean_hu, 1),
        Cell::text(&lesion.outline.method),
        Cell::text(if axes.by_reader { "reader" } else { "automatic" }),
        Cell::text(reader),
        Cell::text(axes.measured_at),
        Cell::text(known.eligibility.status.name()),
        Cell::text(known.eligibility.why()),
        Cell::text(codes.join(";")),
        Cell::text(models.join(";")),
        Cell::mm(known.least_margin_minus20_mm),
        known.needle_data_verified.map_or(Cell::Empty, |v| Cell::text(if v { "true" } else { "false" })),
        Cell::text(env!("CARGO_PKG_VERSION")),
    ];
    Some(CrfRow { cells })
}
