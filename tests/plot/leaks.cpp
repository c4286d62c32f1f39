// Fontconfig keeps its fonts until the program ends, where the leak sanitizer cannot see who holds them.
#if defined(__SANITIZE_ADDRESS__) || defined(__has_feature)
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig\n"; }
#endif
