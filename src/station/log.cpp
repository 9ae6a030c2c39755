// SPDX-License-Identifier: Apache-2.0
#include "station/log.hpp"

#include <cstdio>
#include <ctime>
#include <string>

#include "door/head.hpp"

namespace infinara::station {

void log(std::string_view fact) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S  ", &local);
  const std::string line = stamp + door::printable(fact, 2000) + "\n";
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

}  // namespace infinara::station
