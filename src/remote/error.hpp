// SPDX-License-Identifier: Apache-2.0
// What goes wrong with a call, a file or a setting, and results that may be an error instead.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "text/result.hpp"

namespace infinara::remote {

/// Why there is no result. `detail` is one printable line, bounded, fit for the log.
struct Error {
  enum class Kind {
    kRefused,       // nobody listens: dead, or still loading its models
    kCut,           // the connection broke before the answer was whole
    kTimeout,       // no answer in time
    kUnauthorized,  // 401, or 403 and 503 about a key: it is missing or wrong, here or there
    kBusy,          // 429: its queue is full
    kNotFound,      // 404
    kRejected,      // another 4xx: it does not like what we say
    kBroken,        // 5xx, or an answer that is none
    kUnsafe,  // an answer that no honest server gives: too large, off its host, outside its folder
    kDisk,    // our own disk cannot take the file
  };
  Kind kind = Kind::kBroken;
  std::string detail{};
  bool operator==(const Error&) const = default;
};

template <class T>
using Result = infinara::Result<T, Error>;

/// One printable line: control characters become spaces, invalid UTF-8 is replaced, `limit` bytes
/// at most.
std::string clean_line(std::string_view text, std::size_t limit = 200);

}  // namespace infinara::remote
