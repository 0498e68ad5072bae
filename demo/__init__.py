"""Demo data: a florist's club with half a year behind it. Imported only when demo data is loaded."""
