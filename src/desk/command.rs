//! The one table of commands: keys, help page, tooltips and palette are made from it.

use super::step::Step;
use eframe::egui::{Key, Modifiers};

/// What the hand can ask for by key, palette or button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    OpenFolder,
    OpenFile,
    Save,
    SaveAs,
    Export,
    CloseCase,
    Quit,
    Undo,
    Redo,
    Palette,
    Language,
    Help,
    GoTo(Step),
    OnePane,
    FourPanes,
    NeedlePane,
    FullScreen,
    Escape,
    SliceOn,
    SliceBack,
    SliceOnTen,
    SliceBackTen,
    SliceFirst,
    SliceLast,
    Preset(usize),
    PresetFile,
    Invert,
    Fit,
    Reset,
    Overlays,
    Crosshair,
    Structures,
    IceLines,
    OtherKernel,
    CentreSelection,
    LesionClick,
    LesionStroke,
    Callipers,
    NeedleNew,
    NeedleEntry,
    NeedleTip,
    Propose,
    NeedleNext,
    NeedlePrevious,
    Deeper,
    Shallower,
    Delete,
}

/// Where a command stands in the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Case,
    Places,
    Slices,
    Grey,
    See,
    Lesion,
    Needle,
}

impl Group {
    pub(super) const ALL: [Group; 7] =
        [Group::Case, Group::Places, Group::Slices, Group::Grey, Group::See, Group::Lesion, Group::Needle];

    pub(super) fn word(self) -> &'static str {
        match self {
            Group::Case => "desk-group-case",
            Group::Places => "desk-group-places",
            Group::Slices => "desk-group-slices",
            Group::Grey => "desk-group-grey",
            Group::See => "desk-group-see",
            Group::Lesion => "desk-lesion",
            Group::Needle => "desk-needles",
        }
    }
}

/// A row of the table.
pub(super) struct Row {
    pub(super) command: Command,
    pub(super) group: Group,
    /// Key of its name in `words`.
    pub(super) word: &'static str,
    /// Its keys; any of them.
    pub(super) keys: &'static [(Modifiers, Key)],
}

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const SHIFT: Modifiers = Modifiers::SHIFT;
const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };

const fn row(command: Command, group: Group, word: &'static str, keys: &'static [(Modifiers, Key)]) -> Row {
    Row { command, group, word, keys }
}

/// Every command. Longer chords stand before the shorter ones they contain.
pub(super) const TABLE: &[Row] = &[
    row(Command::OpenFolder, Group::Case, "desk-command-open-folder", &[(CTRL, Key::O)]),
    row(Command::OpenFile, Group::Case, "desk-command-open-file", &[(CTRL_SHIFT, Key::O)]),
    row(Command::SaveAs, Group::Case, "desk-command-save-as", &[(CTRL_SHIFT, Key::S)]),
    row(Command::Save, Group::Case, "desk-command-save", &[(CTRL, Key::S)]),
    row(Command::Export, Group::Case, "desk-command-export", &[(CTRL, Key::E)]),
    row(Command::CloseCase, Group::Case, "desk-command-close", &[(CTRL, Key::W)]),
    row(Command::Quit, Group::Case, "desk-command-quit", &[(CTRL, Key::Q)]),
    row(Command::Redo, Group::Case, "desk-redo", &[(CTRL_SHIFT, Key::Z), (CTRL, Key::Y)]),
    row(Command::Undo, Group::Case, "desk-undo", &[(CTRL, Key::Z)]),
    row(Command::Palette, Group::Case, "desk-command-palette", &[(CTRL, Key::K)]),
    row(Command::Language, Group::Case, "desk-command-language", &[(CTRL, Key::L)]),
    row(Command::Help, Group::Case, "desk-command-help", &[(NONE, Key::F1)]),
    row(Command::GoTo(Step::Open), Group::Places, "desk-open", &[(CTRL, Key::Num1)]),
    row(Command::GoTo(Step::Lesion), Group::Places, "desk-lesion", &[(CTRL, Key::Num2)]),
    row(Command::GoTo(Step::Anatomy), Group::Places, "desk-anatomy", &[(CTRL, Key::Num3)]),
    row(Command::GoTo(Step::Needles), Group::Places, "desk-needles", &[(CTRL, Key::Num4)]),
    row(Command::GoTo(Step::Ice), Group::Places, "desk-ice", &[(CTRL, Key::Num5)]),
    row(Command::GoTo(Step::Report), Group::Places, "desk-report", &[(CTRL, Key::Num6)]),
    row(Command::OnePane, Group::Places, "desk-command-one-pane", &[(NONE, Key::F2)]),
    row(Command::FourPanes, Group::Places, "desk-command-four-panes", &[(NONE, Key::F3)]),
    row(Command::NeedlePane, Group::Places, "desk-command-needle-pane", &[(NONE, Key::F5)]),
    row(Command::FullScreen, Group::Places, "desk-command-full-screen", &[(NONE, Key::F11)]),
    row(Command::Escape, Group::Places, "desk-command-escape", &[(NONE, Key::Escape)]),
    row(Command::SliceOnTen, Group::Slices, "desk-command-slice-on-ten", &[(SHIFT, Key::ArrowDown)]),
    row(Command::SliceBackTen, Group::Slices, "desk-command-slice-back-ten", &[(SHIFT, Key::ArrowUp)]),
    row(Command::Deeper, Group::Needle, "desk-command-deeper", &[(CTRL, Key::ArrowDown)]),
    row(Command::Shallower, Group::Needle, "desk-command-shallower", &[(CTRL, Key::ArrowUp)]),
    row(Command::SliceOn, Group::Slices, "desk-command-slice-on", &[(NONE, Key::ArrowDown)]),
    row(Command::SliceBack, Group::Slices, "desk-command-slice-back", &[(NONE, Key::ArrowUp)]),
    row(Command::SliceFirst, Group::Slices, "desk-command-slice-first", &[(NONE, Key::Home)]),
    row(Command::SliceLast, Group::Slices, "desk-command-slice-last", &[(NONE, Key::End)]),
    row(Command::Preset(0), Group::Grey, "preset-lung", &[(NONE, Key::Num1)]),
    row(Command::Preset(1), Group::Grey, "preset-mediastinum", &[(NONE, Key::Num2)]),
    row(Command::Preset(2), Group::Grey, "preset-bone", &[(NONE, Key::Num3)]),
    row(Command::Preset(3), Group::Grey, "preset-soft", &[(NONE, Key::Num4)]),
    row(Command::Preset(4), Group::Grey, "preset-air", &[(NONE, Key::Num5)]),
    row(Command::Preset(5), Group::Grey, "preset-vessels", &[(NONE, Key::Num6)]),
    row(Command::Preset(6), Group::Grey, "preset-narrow", &[(NONE, Key::Num7)]),
    row(Command::Preset(7), Group::Grey, "preset-brain", &[(NONE, Key::Num8)]),
    row(Command::PresetFile, Group::Grey, "preset-file", &[(NONE, Key::Num0)]),
    row(Command::Invert, Group::Grey, "desk-command-invert", &[(NONE, Key::I)]),
    row(Command::Fit, Group::Grey, "desk-command-fit", &[(NONE, Key::F)]),
    row(Command::Reset, Group::Grey, "desk-command-reset", &[(NONE, Key::R)]),
    row(Command::Overlays, Group::See, "desk-command-overlays", &[(NONE, Key::Space)]),
    row(Command::Crosshair, Group::See, "desk-command-crosshair", &[(NONE, Key::H)]),
    row(Command::Structures, Group::See, "desk-command-structures", &[(NONE, Key::G)]),
    row(Command::IceLines, Group::See, "desk-command-ice-lines", &[(NONE, Key::Y)]),
    row(Command::OtherKernel, Group::See, "desk-command-other-kernel", &[(NONE, Key::K)]),
    row(Command::CentreSelection, Group::See, "desk-command-centre", &[(NONE, Key::J)]),
    row(Command::LesionStroke, Group::Lesion, "desk-command-stroke", &[(SHIFT, Key::L)]),
    row(Command::LesionClick, Group::Lesion, "desk-command-click", &[(NONE, Key::L)]),
    row(Command::Callipers, Group::Lesion, "desk-command-callipers", &[(NONE, Key::M)]),
    row(Command::Delete, Group::Lesion, "desk-delete", &[(NONE, Key::Delete)]),
    row(Command::NeedleNew, Group::Needle, "desk-command-needle-new", &[(NONE, Key::N)]),
    row(Command::NeedleEntry, Group::Needle, "desk-command-entry", &[(NONE, Key::E)]),
    row(Command::NeedleTip, Group::Needle, "desk-command-tip", &[(NONE, Key::T)]),
    row(Command::Propose, Group::Needle, "desk-command-propose", &[(NONE, Key::P)]),
    row(Command::NeedleNext, Group::Needle, "desk-command-needle-next", &[(NONE, Key::Period)]),
    row(Command::NeedlePrevious, Group::Needle, "desk-command-needle-previous", &[(NONE, Key::Comma)]),
];

/// The row of a command.
pub(super) fn of(command: Command) -> Option<&'static Row> {
    TABLE.iter().find(|r| r.command == command)
}

/// The first key of a command, as it is printed beside its word.
pub(super) fn key_text(command: Command) -> String {
    of(command).and_then(|r| r.keys.first()).map(chord).unwrap_or_default()
}

/// A key with its modifiers, as printed.
pub(super) fn chord((modifiers, key): &(Modifiers, Key)) -> String {
    let mut text = String::new();
    if modifiers.command {
        text.push_str(if cfg!(target_os = "macos") { "Cmd+" } else { "Ctrl+" });
    }
    if modifiers.shift {
        text.push_str("Shift+");
    }
    let name = match key {
        Key::ArrowDown => "↓",
        Key::ArrowUp => "↑",
        Key::Period => ".",
        Key::Comma => ",",
        Key::Escape => "Esc",
        Key::Delete => "Del",
        other => other.name(),
    };
    text.push_str(name);
    text
}

/// The commands whose keys were pressed in this frame, in their order. Single keys sleep while a text field has focus; what
/// follows the palette's key is meant for the palette.
pub(super) fn pressed(ctx: &eframe::egui::Context) -> Vec<Command> {
    let typing = ctx.text_edit_focused();
    ctx.input_mut(|input| {
        // A slow frame may hold several strokes.
        let mut out = Vec::new();
        input.events.retain(|e| {
            let command = if out.contains(&Command::Palette) { None } else { command_of(e, typing) };
            out.extend(command);
            command.is_none()
        });
        out
    })
}

/// The command of an event, if it is the press of a command's key.
fn command_of(event: &eframe::egui::Event, typing: bool) -> Option<Command> {
    let eframe::egui::Event::Key { key, pressed: true, modifiers: m, .. } = event else { return None };
    let means = |(modifiers, k): &(Modifiers, Key)| {
        let single = !modifiers.command && !matches!(k, Key::F1 | Key::F2 | Key::F3 | Key::F5 | Key::F11 | Key::Escape);
        // Modifiers exactly, so that Shift+L is not L.
        k == key && m.command == modifiers.command && m.shift == modifiers.shift && !m.alt && !(typing && single)
    };
    TABLE.iter().find(|row| row.keys.iter().any(means)).map(|row| row.command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let mut seen: Vec<(Modifiers, Key)> = Vec::new();
        for (m, k) in TABLE.iter().flat_map(|r| r.keys) {
            assert!(!seen.iter().any(|(a, b)| a == m && b == k), "{} twice", chord(&(*m, *k)));
            seen.push((*m, *k));
        }
    }

    #[test]
    fn every_command_has_a_name_in_both_languages() {
        for lang in crate::words::Lang::ALL {
            let words = crate::words::Words::new(lang);
            for row in TABLE {
                assert!(words.has(row.word), "{} in {}", row.word, lang.name());
            }
        }
    }
}
