//! The house stands as `ARCHITECTURE.md` says: imports go down floors only.

// In a test a panic is the message.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Room → floor, from the table of `ARCHITECTURE.md`: lines `| floor | `room/` | … |`.
fn floors() -> Vec<(String, u32)> {
    let page = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut floors = Vec::new();
    for line in page.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let [_, floor, room, ..] = cells.as_slice()
            && let Ok(floor) = floor.parse()
            && let Some(room) = room.strip_prefix('`').and_then(|r| r.strip_suffix("/`"))
        {
            floors.push((room.to_string(), floor));
        }
    }
    floors
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
}

/// The source without comments and without the text of string literals.
fn code_only(source: &str) -> String {
    let (mut out, mut chars) = (String::with_capacity(source.len()), source.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => {
                for c in chars.by_ref() {
                    if c == '\n' {
                        out.push('\n');
                        break;
                    }
                }
            }
            '"' => {
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => {
                            chars.next();
                        }
                        '"' => break,
                        _ => {}
                    }
                }
                out.push_str("\"\"");
            }
            '\'' if chars.clone().nth(1) == Some('\'') || chars.peek() == Some(&'\\') => {
                // A character literal, which may be a quote.
                let escaped = chars.next() == Some('\\');
                if escaped {
                    chars.next();
                }
                for c in chars.by_ref() {
                    if c == '\'' {
                        break;
                    }
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// The rooms that a source names by `crate::room` or `icepath::room`, groups (`crate::{a, b}`) included.
fn rooms_named(code: &str) -> Vec<String> {
    let name = |text: &str| -> String { text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect() };
    let mut rooms = Vec::new();
    for head in ["crate::", "icepath::"] {
        for rest in code.split(head).skip(1) {
            let Some(group) = rest.strip_prefix('{') else {
                rooms.push(name(rest));
                continue;
            };
            // The first name of each branch of the group.
            let (mut depth, mut at_start) = (0, true);
            for (n, c) in group.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => at_start = true,
                    c if at_start && !c.is_whitespace() => {
                        rooms.push(name(&group[n..]));
                        at_start = false;
                    }
                    _ => {}
                }
            }
        }
    }
    rooms.retain(|r| !r.is_empty());
    rooms
}

#[test]
fn imports_go_down_floors_only() {
    let floors: BTreeMap<String, u32> = floors().into_iter().collect();
    let mut wrong = Vec::new();
    for (room, floor) in &floors {
        let mut files = Vec::new();
        let folder = root().join("src").join(room);
        if folder.is_dir() {
            sources(&folder, &mut files);
        }
        for file in files {
            let code = code_only(&std::fs::read_to_string(&file).unwrap());
            // Tests may look up: they see a room as its users do.
            let code = code.split("#[cfg(test)]").next().unwrap_or_default().to_string();
            for named in rooms_named(&code) {
                let below = floors.get(&named).is_none_or(|other| other < floor);
                if named != *room && !below {
                    let file = file.strip_prefix(root()).unwrap();
                    wrong.push(format!("{} (floor {floor}) names {named} (floor {})", file.display(), floors[&named]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports along a floor or upwards:\n{}", wrong.join("\n"));
}

#[test]
fn every_room_is_in_the_table_and_lib_lists_them_from_the_ground_up() {
    let floors = floors();
    let place = |room: &str| {
        floors
            .iter()
            .position(|(r, _)| r == room)
            .unwrap_or_else(|| panic!("{room} is not in the table of ARCHITECTURE.md"))
    };
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let rooms: Vec<&str> =
        lib.lines().filter_map(|l| l.trim().strip_prefix("pub mod ").and_then(|l| l.strip_suffix(';'))).collect();
    for pair in rooms.windows(2) {
        assert!(place(pair[0]) < place(pair[1]), "lib.rs lists {} before {}, the table after it", pair[0], pair[1]);
    }
    for room in &rooms {
        place(room);
        let door = root().join("src").join(room).join("mod.rs");
        assert!(door.is_file(), "{room} has no front door");
        assert!(
            std::fs::read_to_string(door).unwrap().starts_with("//! "),
            "{room}'s front door does not say what it is"
        );
    }
    assert!(floors.windows(2).all(|p| p[0].1 <= p[1].1), "the table is not in the order of the floors");
}

#[test]
fn the_test_reads_sources_as_the_compiler_does() {
    let code = code_only(
        "use crate::a::b; // crate::no\nlet s = \"crate::no\\\" crate::no\"; let q = '\"'; crate::{c::{d, e}, f};",
    );
    assert_eq!(rooms_named(&code), ["a", "c", "f"]);
}
