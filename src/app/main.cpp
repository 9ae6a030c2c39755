// SPDX-License-Identifier: Apache-2.0
// infinara: reads its configuration, starts the station and its HTTP server, and runs until it is
// told to end.
#include <cstdio>
#include <cstdlib>
#include <span>
#include <variant>

#include "app/app.hpp"
#include "app/process.hpp"
#include "config/config.hpp"
#include "door/door.hpp"
#include "log/log.hpp"
#include "station/pipeline.hpp"

int main(int argc, char** argv) {
  using namespace infinara;
  app::open_standard_streams();
  app::limit_heaps();
  const auto configured = config::configure(
      std::span(argv + 1, argv + argc), [](const char* variable) { return std::getenv(variable); });
  if (const auto* say = std::get_if<config::Say>(&configured)) {
    std::fputs(say->text.c_str(), say->code == 0 ? stdout : stderr);
    return say->code;
  }
  config::forget_variables();
  try {
    app::exit_now(app::run(std::get<config::Config>(configured)));
  } catch (const door::CannotListen& error) {
    std::fprintf(stderr, "%s (%s chooses another)\n", error.what(), app::variable_of(error));
  } catch (const station::CannotPlay& error) {
    log::flush();
    std::fprintf(stderr, "%s\n", error.what());
  }
  return 1;
}
