// The exceptions of the library. Every message reads `function: what is wrong (got A, expected B); hint`.
// The library never prints and never exits: the face that catches an Error decides what a person sees.
#pragma once

#include <stdexcept>

namespace micrograd {

/// Base of everything the library throws on purpose.
class Error : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The caller's mistake: a wrong width, a gradient asked of the wrong thing. Command line exit code 2.
class UsageError : public Error {
  using Error::Error;
};

/// The world's: a file that is missing, cut short, malformed. Command line exit code 1.
class IoError : public Error {
  using Error::Error;
};

}  // namespace micrograd
