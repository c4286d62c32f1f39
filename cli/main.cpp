// The command `micrograd`.
#include "commands.hpp"

int main(int argc, char** argv) { return micrograd::command::run_command(argc, argv); }
