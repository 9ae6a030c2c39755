// SPDX-License-Identifier: Apache-2.0
#include "app/metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string_view>
#include <system_error>
#include <utility>

#include "text/number.hpp"

namespace infinara::app {
namespace {

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// One metric after the other: its HELP, its TYPE, its samples.
class Exposition {
 public:
  Exposition& metric(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    ((((((text_ += "# HELP ") += name) += " ") += help) += "\n# TYPE ") += name) += " ";
    (text_ += type) += "\n";
    return *this;
  }
  Exposition& counter(std::string_view name, std::string_view help) {
    return metric(name, "counter", help);
  }
  Exposition& gauge(std::string_view name, std::string_view help) {
    return metric(name, "gauge", help);
  }
  Exposition& sample(double value, Labels labels = {}) {
    text_ += name_;
    std::string_view before = "{";
    for (const auto& [name, label] : labels) {
      (((text_ += before) += name) += "=\"") += escaped(label);
      text_ += "\"";
      before = ",";
    }
    if (labels.size() > 0) text_ += "}";
    (text_ += " ") += text_of(value);
    text_ += "\n";
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  static std::string escaped(std::string_view label) {
    std::string out;
    for (const char c : label)
      if (c == '\n')
        out += "\\n";
      else if (c == '\\' || c == '"')
        (out += '\\') += c;
      else
        out += c;
    return out;
  }
  static std::string text_of(double value) {
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return text::shown(value);
  }

  std::string text_;
  std::string name_;
};

void write_listeners(Exposition& out, station::Radio& radio, unsigned peers) {
  const auto streams = radio.streams(station::Detail::kSums);
  const auto each = [&](double station::Stream::*figure) {
    for (const auto& stream : streams) out.sample(stream.*figure, {{"stream", stream.path}});
  };
  out.gauge("infinara_listeners", "Listeners connected now.");
  for (const auto& stream : streams)
    out.sample(stream.listeners, {{"transport", "http"}, {"stream", stream.path}});
  out.sample(peers, {{"transport", "webrtc"}, {"stream", ""}});
  out.counter("infinara_listener_joins_total", "HTTP listeners that were connected.");
  each(&station::Stream::joined);
  out.counter("infinara_listener_drops_total",
              "HTTP listeners that were disconnected (reason behind: too far behind; no_answer: "
              "the host did not answer) or turned away (reason full).");
  for (const auto& stream : streams)
    out.sample(stream.dropped_behind, {{"stream", stream.path}, {"reason", "behind"}})
        .sample(stream.dropped - stream.dropped_behind,
                {{"stream", stream.path}, {"reason", "no_answer"}});
  out.sample(radio.counters().refused, {{"stream", ""}, {"reason", "full"}});
  out.counter("infinara_stream_bytes_total", "Bytes sent to HTTP listeners.");
  each(&station::Stream::bytes_sent);
}

void write_programme(Exposition& out, station::Radio& radio, const station::Now& now) {
  const auto counters = radio.counters();
  const auto health = radio.health();
  out.gauge("infinara_healthy", "1 while the programme goes out.").sample(health.good);
  out.counter("infinara_output_seconds_total", "Programme that this pipeline has put out.")
      .sample(health.position);
  out.counter("infinara_pipelines_total", "Pipelines that were started; the first is no failure.")
      .sample(counters.pipelines);
  out.counter("infinara_tracks_total", "Tracks that came on air.").sample(counters.tracks);
  out.counter("infinara_fades_total", "Fades that were begun.").sample(counters.fades);
  out.counter("infinara_joins_measured_total", "Joins of two tracks that were measured.")
      .sample(counters.joins);
  out.counter("infinara_join_dips_decibels_total",
              "Sum over them: how far the quietest 0.4 s is below the quieter side.")
      .sample(counters.join_dips);
  out.counter("infinara_join_basses_seconds_total", "Sum over them: time with both basses.")
      .sample(counters.join_basses);
  out.counter("infinara_joins_with_beats_total",
              "Those of them with a beat of one tempo on both sides.")
      .sample(counters.join_beats);
  out.counter("infinara_join_beats_apart_seconds_total", "Sum over those: between the two beats.")
      .sample(counters.join_beats_apart);
  out.counter("infinara_joins_with_keys_total", "Those of them whose keys are both known.")
      .sample(counters.join_keys);
  out.counter("infinara_join_fifths_total", "Sum over those: fifths between the two keys.")
      .sample(counters.join_fifths);
  out.gauge("infinara_tracks_ready", "Tracks that wait beside the one on air.").sample(now.ready);
  out.counter("infinara_underruns_total", "Times that a track delivered nothing in time.")
      .sample(counters.underruns);
  out.counter("infinara_late_frames_total", "Frames of 20 ms that went out late or not at all.")
      .sample(counters.late_frames);
  out.gauge(
         "infinara_output_loudness_lufs",
         "Loudness of what went out by EBU R 128: of the last 0.4 s (momentary), of the last 3 s "
         "(short_term), of all since the start, gated (integrated).")
      .sample(counters.momentary, {{"window", "momentary"}})
      .sample(counters.short_term, {{"window", "short_term"}})
      .sample(counters.integrated, {{"window", "integrated"}});
  out.gauge("infinara_output_rms_dbfs", "Mean power of the last second that went out.")
      .sample(counters.rms);
  out.gauge("infinara_output_peak_dbfs", "Greatest sample of the last second that went out.")
      .sample(counters.peak);
  out.counter("infinara_output_silence_seconds_total", "Seconds below -60 dBFS that went out.")
      .sample(counters.silence);
  out.gauge("infinara_generator_up",
            "1 while a generator delivers; none is listed before a fault.");
  for (const auto& [name, up] : counters.generators) out.sample(up, {{"generator", name}});
  out.gauge("infinara_server_healthy", "1 while an ACE-Step server is HEALTHY.");
  for (const auto& server : now.servers)
    out.sample(server.state == "HEALTHY", {{"server", server.url}});
  out.gauge("infinara_server_jobs", "Everybody's orders at an ACE-Step server.");
  for (const auto& server : now.servers)
    out.sample(server.running, {{"server", server.url}, {"state", "running"}})
        .sample(server.waiting, {{"server", server.url}, {"state", "waiting"}});
}

void write_clients(Exposition& out, const cast::Totals& clients) {
  out.gauge("infinara_event_clients", "Clients of /api/events.")
      .sample(static_cast<double>(clients.listeners));
  out.counter("infinara_event_client_joins_total", "Clients of /api/events that were connected.")
      .sample(static_cast<double>(clients.joined));
  out.counter("infinara_event_client_drops_total",
              "Clients of /api/events that did not read (behind), whose host did not answer "
              "(no_answer), or that were too many (full).")
      .sample(static_cast<double>(clients.behind), {{"reason", "behind"}})
      .sample(static_cast<double>(clients.dropped - clients.behind), {{"reason", "no_answer"}})
      .sample(static_cast<double>(clients.refused), {{"reason", "full"}});
  out.counter("infinara_event_bytes_total", "Bytes sent to clients of /api/events.")
      .sample(static_cast<double>(clients.bytes));
}

}  // namespace

ProcessFigures process_figures() {
  ProcessFigures figures;
  std::ifstream statm("/proc/self/statm");
  double pages = 0;
  statm >> pages >> pages;
  figures.resident_bytes = pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  for (const timeval& time : {used.ru_utime, used.ru_stime})
    figures.cpu_seconds +=
        static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  std::error_code error;
  for (std::filesystem::directory_iterator fd("/proc/self/fd", error), end; !error && fd != end;
       fd.increment(error))
    ++figures.open_descriptors;
  return figures;
}

std::string metrics_text(station::Radio& radio, const cast::Totals& clients,
                         const ProcessFigures& process) {
  Exposition out;
  const auto now = radio.now();
  out.gauge("infinara_build_info", "Always 1.").sample(1, {{"version", VERSION}});
  write_programme(out, radio, now);
  write_listeners(out, radio, now.peers);
  write_clients(out, clients);
  out.gauge("process_resident_memory_bytes", "Resident memory.").sample(process.resident_bytes);
  out.counter("process_cpu_seconds_total", "User and system time.").sample(process.cpu_seconds);
  out.gauge("process_open_fds", "Open file descriptors.").sample(process.open_descriptors);
  return out.take();
}

}  // namespace infinara::app
