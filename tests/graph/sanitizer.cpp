// What the leak sanitizer is to overlook: Graphviz 2.43 loses a few bytes for every record label, and
// fontconfig keeps what it has read. Graphs that are not closed would show up under libcgraph.

// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the sanitizer looks for this
// name
extern "C" const char* __lsan_default_suppressions();

// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" const char* __lsan_default_suppressions() { return "leak:libgvc\nleak:libfontconfig\n"; }
