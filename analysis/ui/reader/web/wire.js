// What Python sent (wire.py): JSON as UTF-8, findings by column. Rows share the values of a
// column's table, so nothing may be written into these; whole values are replaced.

function readWire(bytes) {
  const data = JSON.parse(new TextDecoder().decode(bytes));
  return { ...data, findings: readRows(data.findings) };
}

function readRows({ rows: size, columns }) {
  const rows = Array.from({ length: size }, () => ({}));
  for (const [name, column] of Object.entries(columns)) {
    const { of, at } = column;
    rows.forEach((row, index) => {
      row[name] = Array.isArray(column) ? column[index] : of[at ? at[index] : 0];
    });
  }
  return rows;
}

function sameBytes(one, other) {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
