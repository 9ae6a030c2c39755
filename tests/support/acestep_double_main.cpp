// SPDX-License-Identifier: Apache-2.0
// acestep-double: a generator to try the radio against, without a GPU and with any fault.
#include <gst/gst.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "support/acestep_double.hpp"
#include "support/band_musician.hpp"

namespace {

constexpr const char* kHelp =
    R"(acestep-double: an ACE-Step 1.5 API server without a model, for trying things out. It queues,
works and answers as the real one was recorded; the house band plays what is ordered, in the genre
that the words speak of, with the tempo, key and length that were asked, as mp3, flac or wav.

  ./dev exec acestep-double --delay 8 --fault none,oom,half-silent
  ACESTEP_API_URL=http://127.0.0.1:8001 ./dev run

The server:
  --port N            where to listen on 127.0.0.1 (8001; 0: any free port)
  --dialect NAME      feb04, feb08 (default) or later
  --delay S           seconds that a job takes (8)
  --delay-per-second S   and this much more for each second of music (0)
  --loading S         seconds until it lets anybody in, at the start and after it died (0)
  --loads-open        answers while it loads, as later ones may
  --key KEY           asks for this key
  --queue N           orders that may wait (200)
  --workers N         jobs that it calls running, though it works on one of them (1)
  --no-cache          has no cache on disk: tells less, and forgets all when it restarts
  --model NAME        what it says that its model is; it plays for every name it does not know
  --others NAME[,…]   further models, not loaded (dialect later)
  --first-load S      loads its model at the first job, answering nothing for so long (later)
  --dcw               garbles base and sft models unless dcw_enabled is false
  --keyless           was started without a key: answers 503 where it wants one
  --no-lm             the language model is not loaded
  --range             honours Range, as a current server does
  --folder DIR        where audio is kept, as a shared volume (a temporary one)
  --root DIR          that folder's name on the server's side (/app/outputs)
  --tune              a plain tune in the place of the house band, for the haste

What goes wrong:
  --fault NAME[,…]    what each order meets, in turn; `random` deals all of the rows below shuffled
  --down S            seconds that it stays away when it dies, before it loads (5)
  --hangs-for S       seconds until a job that hangs or stalls fails (for ever)
  --task-timeout S    after which a running job is told as failed (3600)

Trying it:
  --speed F           its clock runs F times as fast (1)
  --seed N            of its random numbers (1)
  --quiet             does not print each request and each finished track

Faults:
)";

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "acestep-double: %s (--help tells more)\n", why.c_str());
  std::exit(2);
}

double number(const std::string& option, const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0)
    die(option + " wants a number and got \"" + text + "\"");
  return value;
}

std::vector<std::string> names_in(const std::string& list) {
  std::vector<std::string> names;
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t to = std::min(list.find(',', from), list.size());
    names.push_back(list.substr(from, to - from));
    from = to + 1;
  }
  return names;
}

std::function<support::Fault(std::size_t)> plan_of(const std::string& names, std::uint64_t seed) {
  std::vector<support::Fault> list;
  if (names == "random") {
    for (const auto& row : support::faults()) list.push_back(row.fault);
    return support::shuffled(list, seed);
  }
  for (const std::string& name : names_in(names)) {
    const auto* row = support::fault_named(name);
    if (row == nullptr) die("there is no fault \"" + name + "\"");
    list.push_back(row->fault);
  }
  return support::in_turn(list);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(nullptr, nullptr);
  support::DoubleSettings settings;
  settings.port = 8001;
  settings.delay = 8;
  settings.down = 5;
  settings.musician = support::house_band;
  settings.log = [](const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
  };
  std::string faults = "none";
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--help") {
      std::fputs(kHelp, stdout);
      for (const auto& row : support::faults())
        std::printf("  %-20s%s\n", std::string(row.name).c_str(), std::string(row.meaning).c_str());
      return 0;
    }
    if (option == "--no-lm") {
      settings.lm = support::Lm::kAbsent;
    } else if (option == "--no-cache") {
      settings.keeps = false;
    } else if (option == "--range") {
      settings.honours_range = true;
    } else if (option == "--tune") {
      settings.musician = nullptr;
    } else if (option == "--loads-open") {
      settings.loads_behind_open_door = true;
    } else if (option == "--dcw") {
      settings.forces_dcw = true;
    } else if (option == "--keyless") {
      settings.keyless_503 = true;
    } else if (option == "--quiet") {
      settings.log = nullptr;
    } else if (i + 1 == argc) {
      die("I do not know what to do with \"" + option + "\"");
    } else {
      const std::string value = argv[++i];
      if (option == "--port")
        settings.port = static_cast<int>(number(option, value));
      else if (option == "--delay")
        settings.delay = number(option, value);
      else if (option == "--delay-per-second")
        settings.delay_per_second = number(option, value);
      else if (option == "--loading")
        settings.loading = number(option, value);
      else if (option == "--down")
        settings.down = number(option, value);
      else if (option == "--hangs-for")
        settings.hangs_for = number(option, value);
      else if (option == "--task-timeout")
        settings.task_timeout = number(option, value);
      else if (option == "--model")
        settings.model = value;
      else if (option == "--others")
        settings.others = names_in(value);
      else if (option == "--first-load")
        settings.first_load = number(option, value);
      else if (option == "--queue")
        settings.queue_most = static_cast<std::size_t>(number(option, value));
      else if (option == "--workers")
        settings.workers = static_cast<std::size_t>(number(option, value));
      else if (option == "--speed")
        settings.speed = std::max(number(option, value), 0.001);
      else if (option == "--seed")
        settings.seed = static_cast<std::uint64_t>(number(option, value));
      else if (option == "--key")
        settings.key = value;
      else if (option == "--folder")
        settings.folder = value;
      else if (option == "--root")
        settings.root = value;
      else if (option == "--fault")
        faults = value;
      else if (option == "--dialect") {
        const auto dialect = support::dialect_named(value);
        if (!dialect) die("there is no dialect \"" + value + "\"");
        settings.dialect = *dialect;
      } else {
        die("I do not know the option \"" + option + "\"");
      }
    }
  }
  settings.plan = plan_of(faults, settings.seed);

  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // before any thread, so that all inherit it
  try {
    const support::AceStepDouble server(settings);
    std::printf("acestep-double on %s, audio in %s\n", server.url().c_str(),
                server.folder().c_str());
    std::fflush(stdout);
    int signal = 0;
    sigwait(&ends, &signal);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "acestep-double: %s\n", error.what());
    return 1;
  }
  return 0;
}
