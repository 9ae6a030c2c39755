// SPDX-License-Identifier: Apache-2.0
// The files of web/, compiled into the program.
#pragma once

#include <string>
#include <string_view>

namespace infinara::http {

struct Page {
  std::string_view bytes;  // lives as long as the program
  std::string_view type;   // media type
  std::string etag;        // strong, with its quotes
};

/// The page at exactly this path ("/" is index.html), or null.
const Page* find_page(std::string_view path);

}  // namespace infinara::http
