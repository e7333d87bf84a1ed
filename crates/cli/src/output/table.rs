//! Tables in the style of `docker ps`.

use super::{Screen, text};
use comfy_table::{CellAlignment, Color, ColumnConstraint, ContentArrangement};

/// What lies between two columns.
const GAP: u16 = 3;

/// What a word means for the reader. Only states have one: where all is coloured, nothing shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Attention,
    Bad,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

/// Rows below a header.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    header: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

// === impl Cell ===

impl Cell {
    pub(crate) fn new(text: impl AsRef<str>, tone: Tone) -> Self {
        let text = text::or_dash(&text::clean(text.as_ref()));
        Self { text, tone }
    }

    fn styled(self) -> comfy_table::Cell {
        let cell = comfy_table::Cell::new(self.text);
        match self.tone {
            Tone::Plain => cell,
            Tone::Good => cell.fg(Color::Green),
            Tone::Attention => cell.fg(Color::Yellow),
            Tone::Bad => cell.fg(Color::Red),
        }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, Tone::Plain)
    }
}

// === impl Table ===

impl Table {
    pub(crate) fn new(header: &[&'static str]) -> Self {
        Self {
            header: header.to_vec(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, row: Vec<Cell>) {
        debug_assert_eq!(
            row.len(),
            self.header.len(),
            "a row has a cell for each column"
        );
        self.rows.push(row);
    }

    /// The table as text. It is as wide as its content and never wrapped or cut.
    pub(crate) fn render(self, screen: Screen) -> String {
        let mut table = comfy_table::Table::new();
        table
            .load_style(comfy_table::presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header(self.header);
        for row in self.rows {
            table.add_row(row.into_iter().map(Cell::styled));
        }
        for column in table.column_iter_mut() {
            column
                .set_padding((0, GAP))
                .set_constraint(ColumnConstraint::ContentWidth)
                .set_cell_alignment(CellAlignment::Left);
        }
        if screen.has_colour {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        let lines = table.lines().map(|line| format!("{}\n", line.trim_end()));
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIPE: Screen = Screen {
        is_terminal: false,
        has_colour: false,
    };

    fn table() -> Table {
        let mut table = Table::new(&["NAME", "STATE", "SINCE"]);
        table.push(vec![
            "größe".into(),
            Cell::new("unhealthy", Tone::Bad),
            "x".repeat(300).into(),
        ]);
        table.push(vec!["a".into(), "".into(), "two\nlines".into()]);
        table
    }

    #[test]
    fn columns_follow_their_content() {
        let expected = format!(
            "NAME    STATE       SINCE\n\
             größe   unhealthy   {}\n\
             a       -           two\\nlines\n",
            "x".repeat(300)
        );
        assert_eq!(table().render(PIPE), expected);
    }

    #[test]
    fn colour_is_for_states_only() {
        let screen = Screen {
            is_terminal: true,
            has_colour: true,
        };
        let text = table().render(screen);
        assert_eq!(text.matches("unhealthy").count(), 1);
        assert!(text.contains("\u{1b}[38;5;9munhealthy"), "{text:?}");
        assert_eq!(text.matches("\u{1b}[38").count(), 1, "{text:?}");
    }
}
