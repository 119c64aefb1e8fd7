//! Tables that end at a number of rows and of bytes, and say how many rows there are beyond.

use super::safe::written_len;

/// Most rows of a table.
const ROWS: usize = 200;
/// Most that the rows of a table take, in bytes, if nothing else is said. Rows of ordinary length fit all.
pub(super) const ROOM: usize = 128 * 1024;
/// What the templates write around a cell, a line in it and a level, in bytes, names and classes not counted.
const CELL: usize = r#"<td data-label="" class=""></td>"#.len();
const LINE: usize = "<div></div>".len();
const LEVEL: usize = r#"<span class="level informational"></span>"#.len();
const ROW: usize = "<tr></tr>\n".len();

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    /// How it is set: of `style.css`.
    pub(super) class: &'static str,
}

/// A column of plain text.
pub(super) const fn text(name: &'static str) -> Column {
    Column { name, class: "" }
}

/// A column of numbers, addresses, ARNs, or what else is set apart.
pub(super) const fn set(name: &'static str, class: &'static str) -> Column {
    Column { name, class }
}

impl Column {
    fn written_len(&self) -> usize {
        CELL + self.name.len() + self.class.len()
    }
}

/// What stands in a row and a column: a text, and smaller lines below it.
#[derive(Debug, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) lines: Vec<String>,
    /// The severity that it tells, in lower case; else nothing.
    pub(super) level: &'static str,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

impl Cell {
    fn written_len(&self) -> usize {
        let lines: usize = self.lines.iter().map(|line| LINE + written_len(line)).sum();
        let level = if self.level.is_empty() { 0 } else { LEVEL };
        written_len(&self.text) + lines + level
    }
}

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) columns: &'static [Column],
    pub(super) rows: Vec<Vec<Cell>>,
    /// How many rows there are beyond those that are shown.
    pub(super) more: usize,
    room: usize,
}

impl Table {
    pub(super) fn new(caption: String, columns: &'static [Column], room: usize) -> Self {
        Self { caption, columns, rows: Vec::new(), more: 0, room }
    }

    /// Adds a row, or counts it where there is no room left.
    pub(super) fn push(&mut self, row: impl FnOnce() -> Vec<Cell>) {
        if self.more > 0 || self.rows.len() == ROWS {
            self.more += 1;
            return;
        }
        let row = row();
        let length: usize = self.cells(&row).map(|(column, cell)| column.written_len() + cell.written_len()).sum();
        match self.room.checked_sub(length + ROW) {
            Some(room) => {
                self.room = room;
                self.rows.push(row);
            }
            None => self.more += 1,
        }
    }

    /// Whether it needs the width of the page: others stand side by side.
    pub(super) fn is_wide(&self) -> bool {
        self.columns.len() > 3
    }

    /// How many rows there are, shown or not.
    pub(super) fn count(&self) -> usize {
        self.rows.len() + self.more
    }

    /// A row's cells with their columns.
    pub(super) fn cells<'a>(&self, row: &'a [Cell]) -> impl Iterator<Item = (&'static Column, &'a Cell)> + use<'a> {
        self.columns.iter().zip(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[text("What")];

    fn filled(rows: usize, text: &str) -> Table {
        let mut table = Table::new("Things".to_owned(), COLUMNS, ROOM);
        (0..rows).for_each(|_| table.push(|| vec![text.to_owned().into()]));
        table
    }

    #[test]
    fn rows_beyond_the_last_are_counted() {
        let table = filled(1_000, "short");
        assert_eq!((table.rows.len(), table.more, table.count()), (ROWS, 800, 1_000));
    }

    #[test]
    fn long_rows_end_before_the_room_does() {
        let table = filled(300, &"<".repeat(500));
        let bytes: usize = table.rows.iter().flatten().map(|cell| written_len(&cell.text)).sum();
        assert!(bytes <= ROOM && table.rows.len() < ROWS, "{bytes}");
        assert_eq!(table.count(), 300);
    }
}
