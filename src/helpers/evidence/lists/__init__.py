"""Official lists of firms: read from files as authorities publish them, row by row."""
