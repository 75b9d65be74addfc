#pragma once
/// Errors of the library. Every public function reports failure by throwing one of these; nothing
/// prints or exits. Message template: `<where>: <rule>; got <values>. Try: <step>.`

#include <stdexcept>
#include <string>

namespace wta {

/// Base of all errors thrown by the library.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A caller's argument or option breaks a stated rule (exit code 2 of the tool).
class InvalidArgument : public Error {
 public:
  using Error::Error;
};

/// A file's content is damaged, or data does not fit the model (exit code 3).
class DataError : public Error {
 public:
  using Error::Error;
};

/// A file is missing, or the operating system refused to read or write it (exit code 4).
class IoError : public Error {
 public:
  using Error::Error;
};

/// Memory ran out, or the estimate says that it would (exit code 5).
class MemoryError : public Error {
 public:
  using Error::Error;
};

/// A device failed (exit code 1).
class DeviceError : public Error {
 public:
  using Error::Error;
};

/// Training produced a value that is not finite (exit code 6).
class DivergedError : public Error {
 public:
  using Error::Error;
};

/// The user asked to stop (exit code 130).
class Interrupted : public Error {
 public:
  using Error::Error;
};

/// A broken invariant of the library itself: please report it (exit code 1).
class InternalError : public Error {
 public:
  using Error::Error;
};

}  // namespace wta
