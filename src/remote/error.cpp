// SPDX-License-Identifier: Apache-2.0
#include "remote/error.hpp"

#include "text/printable.hpp"

namespace infinara::remote {

std::string clean_line(std::string_view text, std::size_t limit) {
  return text::printable(text, limit, " ", "\xef\xbf\xbd");
}

}  // namespace infinara::remote
