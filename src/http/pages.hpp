// SPDX-License-Identifier: Apache-2.0
// The files of web/, compiled into the program.
#pragma once

#include <string>
#include <string_view>

namespace infinara::http {

struct Page {
  std::string bytes;
  std::string gzipped;    // the same bytes; empty where that is no shorter
  std::string_view type;  // media type
  std::string etag;       // of `bytes`; strong, with its quotes
};

/// The page at exactly this path ("/" is index.html), or null.
const Page* find_page(std::string_view path);

/// `page` with each "%BASE%" replaced by `base`, escaped for HTML.
Page page_at(const Page& page, std::string_view base);

}  // namespace infinara::http
