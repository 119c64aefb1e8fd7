//! Tables with limits of rows and of bytes, which state how many rows are omitted.

use super::safe::rendered_len;

/// Number of rows of a table.
const ROWS_MAX: usize = 200;
/// Bytes of all rows of a table, unless it has another limit. 200 rows of ordinary length fit.
pub(super) const DEFAULT_MAX_BYTES: usize = 128 * 1024;
/// Bytes that the templates write around a cell, a line in it, a level and a row, without names and classes.
const CELL_BYTES: usize = r#"<td data-label="" class=""></td>"#.len();
const LINE_BYTES: usize = "<div></div>".len();
const LEVEL_BYTES: usize = r#"<span class="level informational"></span>"#.len();
const ROW_BYTES: usize = "<tr></tr>\n".len();

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    /// The class in `style.css`.
    pub(super) class: &'static str,
}

/// A column of plain text.
pub(super) const fn text_column(name: &'static str) -> Column {
    Column { name, class: "" }
}

/// A column with a class of `style.css`: numbers, addresses, ARNs.
pub(super) const fn styled_column(name: &'static str, class: &'static str) -> Column {
    Column { name, class }
}

impl Column {
    fn rendered_len(&self) -> usize {
        CELL_BYTES + self.name.len() + self.class.len()
    }
}

/// A cell: a text, and smaller lines below it.
#[derive(Debug, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) lines: Vec<String>,
    /// The class of a severity; empty if the cell has none.
    pub(super) level: &'static str,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

impl Cell {
    fn rendered_len(&self) -> usize {
        let lines: usize = self.lines.iter().map(|line| LINE_BYTES + rendered_len(line)).sum();
        let level = if self.level.is_empty() { 0 } else { LEVEL_BYTES };
        rendered_len(&self.text) + lines + level
    }
}

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) columns: &'static [Column],
    pub(super) rows: Vec<Vec<Cell>>,
    /// Number of omitted rows.
    pub(super) more: usize,
    bytes_left: usize,
}

impl Table {
    pub(super) fn new(caption: String, columns: &'static [Column], max_bytes: usize) -> Self {
        Self { caption, columns, rows: Vec::new(), more: 0, bytes_left: max_bytes }
    }

    /// Adds a row, or only counts it if a limit is reached.
    pub(super) fn push(&mut self, row: impl FnOnce() -> Vec<Cell>) {
        if self.more > 0 || self.rows.len() == ROWS_MAX {
            self.more += 1;
            return;
        }
        let row = row();
        let length: usize = self.cells(&row).map(|(column, cell)| column.rendered_len() + cell.rendered_len()).sum();
        match self.bytes_left.checked_sub(length + ROW_BYTES) {
            Some(left) => {
                self.bytes_left = left;
                self.rows.push(row);
            }
            None => self.more += 1,
        }
    }

    /// Whether it needs the width of the page: others stand side by side.
    pub(super) fn is_wide(&self) -> bool {
        self.columns.len() > 3
    }

    /// Number of rows, shown or omitted.
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

    const COLUMNS: &[Column] = &[text_column("What")];

    fn filled(rows: usize, text: &str) -> Table {
        let mut table = Table::new("Things".to_owned(), COLUMNS, DEFAULT_MAX_BYTES);
        (0..rows).for_each(|_| table.push(|| vec![text.to_owned().into()]));
        table
    }

    #[test]
    fn omitted_rows_are_counted() {
        let table = filled(1_000, "short");
        assert_eq!((table.rows.len(), table.more, table.count()), (ROWS_MAX, 800, 1_000));
    }

    #[test]
    fn rows_stop_at_the_byte_limit() {
        let table = filled(300, &"<".repeat(500));
        let bytes: usize = table.rows.iter().flatten().map(|cell| rendered_len(&cell.text)).sum();
        assert!(bytes <= DEFAULT_MAX_BYTES && table.rows.len() < ROWS_MAX, "{bytes}");
        assert_eq!(table.count(), 300);
    }
}
