// SPDX-License-Identifier: Apache-2.0
#include "support/acestep_double.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <ctime>
#include <deque>
#include <fstream>
#include <limits>
#include <mutex>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "support/small_server.hpp"

namespace support {
namespace {

namespace fs = std::filesystem;

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::size_t kHuge = 200'000'000;  // bytes
constexpr int kFaultyPolls = 2;

std::int64_t wall_milliseconds() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string hex(std::uint64_t value, int digits) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return std::string(text + 16 - digits, static_cast<std::size_t>(digits));
}

std::string content_type_of(const fs::path& path) {
  std::string ending = path.extension();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (ending == ".wav") return "audio/wav";
  if (ending == ".flac") return "audio/flac";
  if (ending == ".opus") return "audio/ogg";
  return "audio/mpeg";
}

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

std::string http_date(std::time_t when) {
  std::tm utc{};
  ::gmtime_r(&when, &utc);
  char date[40];
  std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return date;
}

HttpAnswer json(int status, std::string body) {
  return {status,
          {{"content-length", std::to_string(body.size())}, {"content-type", "application/json"}},
          std::move(body),
          {}};
}

HttpAnswer text_error() {
  return {500,
          {{"content-length", "21"}, {"content-type", "text/plain; charset=utf-8"}},
          "Internal Server Error",
          {}};
}

HttpAnswer refused(int status, std::string_view why) {
  return json(status, detail(why));
}

HttpAnswer page(int status, const std::string& type = "text/html") {
  std::string body =
      "<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>The model is being moved"
      "</h1><p>Please come back later.</p></body></html>";
  while (body.size() < 40000) body += "<p>We are sorry.</p>";
  return {
      status, {{"content-type", type}, {"content-length", std::to_string(body.size())}}, body, {}};
}

HttpAnswer by_hand(std::function<void(Wire&)> hand) {
  return {200, {}, {}, std::move(hand)};
}

HttpAnswer cut_after(std::string bytes) {
  return by_hand([bytes = std::move(bytes)](Wire& wire) { wire.send(bytes); });
}

HttpAnswer silence_after(std::string bytes) {
  return by_hand([bytes = std::move(bytes)](Wire& wire) {
    if (wire.send(bytes)) wire.wait(3600);
  });
}

/// `begin`, then `unit` until `size` bytes are full, with a true Content-Length.
HttpAnswer huge(const std::string& begin, const std::string& unit, std::size_t size) {
  return by_hand([=](Wire& wire) {
    std::string block;
    while (block.size() < 65536) block += unit;
    bool alive = wire.send(head_of(200,
                                   {{"content-length", std::to_string(begin.size() + size)},
                                    {"content-type", "application/json"}},
                                   true) +
                           begin);
    for (std::size_t sent = 0; alive && sent < size; sent += block.size())
      alive = wire.send(std::string_view(block).substr(0, std::min(block.size(), size - sent)));
  });
}

HttpAnswer huge_json() {
  return huge("{\"data\":[\"", "all work and no play ", kHuge);
}

HttpAnswer deep_json() {
  return json(200, "{\"data\":" + std::string(1'000'000, '['));
}

HttpAnswer garbage() {
  return json(200, "}{ not json at all \x01\xff");
}

struct Job {
  std::string id;
  Asked asked;
  Fault fault = Fault::kNone;
  enum class State { kQueued, kRunning, kDone, kFailed } state = State::kQueued;
  std::int64_t created = 0;  // seconds since 1970
  double submitted = 0;      // server's clock
  double started = 0;
  double takes = 1;
  std::optional<Progress> frozen;  // it ran when the server died
  int faulty_polls = 0;            // that are still to come
  std::string result;              // once it is over
};

Pcm with_fault(Pcm pcm, Fault fault) {
  std::vector<float>& s = pcm.samples;
  const auto silence = [&](double from, double to) {
    const auto at = [&](double seconds) {
      return static_cast<std::ptrdiff_t>(std::clamp(seconds, 0.0, pcm.seconds()) * pcm.rate) *
             pcm.channels;
    };
    std::fill(s.begin() + at(from), s.begin() + at(to), 0.0F);
  };
  const double length = pcm.seconds();
  switch (fault) {
    case Fault::kHalfSilent:
      silence(length / 2, length);
      break;
    case Fault::kHole:
      silence(length / 2 - 1.5, length / 2 + 1.5);
      break;
    case Fault::kQuiet:
      for (float& x : s) x *= 0.00056F;
      break;
    case Fault::kShort:
      s.resize(std::min<std::size_t>(s.size(), 9600));
      break;
    case Fault::kHalfLength:
      s.resize(s.size() / 4 * 2);
      break;
    case Fault::kClipped:
      for (float& x : s) x = std::clamp(x * 100, -1.0F, 1.0F);
      break;
    case Fault::kOffset:
      for (float& x : s) x = x / 2 + 0.5F;
      break;
    case Fault::kNanSamples:
      for (std::size_t i = s.size() / 3; i < s.size() / 3 + 2000 && i < s.size(); ++i) s[i] = NAN;
      break;
    case Fault::kDeadAir:
      silence(0, 1.5);
      silence(length - 2, length);
      break;
    default:
      break;
  }
  return pcm;
}

std::string zip_like() {
  std::string bytes = "PK\x03\x04\x14";
  std::mt19937 dice(7);
  while (bytes.size() < 200000) bytes += static_cast<char>(dice());
  return bytes;
}

}  // namespace

std::function<Fault(std::size_t)> in_turn(std::vector<Fault> list) {
  return [list = std::move(list)](std::size_t n) {
    return list.empty() ? Fault::kNone : list[n % list.size()];
  };
}

std::function<Fault(std::size_t)> at_random(std::vector<Fault> list, std::uint64_t seed) {
  return [list = std::move(list), seed](std::size_t n) {
    std::mt19937_64 dice(seed * 1000003 + n);
    return list.empty() ? Fault::kNone : list[dice() % list.size()];
  };
}

class AceStepDouble::Impl {
 public:
  explicit Impl(DoubleSettings settings)
      : set_(std::move(settings)),
        owns_folder_(set_.folder.empty()),
        folder_(owns_folder_ ? new_folder() : set_.folder),
        dice_(set_.seed),
        server_(set_.port, set_.keep_alive / set_.speed,
                [this](const HttpRequest& request) { return answer(request); }) {
    fs::create_directories(folder_ / "api_audio");
    identity_.dialect = set_.dialect;
    identity_.lm = set_.lm;
    const bool base = set_.dialect == Dialect::kFeb04;
    identity_.dit_model = !set_.model.empty() ? set_.model
                          : base              ? "acestep-v15-base"
                                              : "acestep-v15-turbo";
    identity_.lm_model = base ? "/app/checkpoints/acestep-5Hz-lm-1.7B" : "acestep-5Hz-lm-0.6B";
    worker_ = std::thread([this] { work(); });
    life_ = std::thread([this] { live(); });
    const std::lock_guard lock(mutex_);
    load();
    if (set_.loading <= 0) {
      opens_at_ = kNever;
      identity_.is_initialised = true;
      server_.open();
    }
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    worker_.join();
    life_.join();
    server_.close();
    if (owns_folder_) {
      std::error_code ignored;
      fs::remove_all(folder_, ignored);
    }
  }

  int port() const { return server_.port(); }
  const fs::path& folder() const { return folder_; }

  void set_plan(std::function<Fault(std::size_t)> plan) {
    const std::lock_guard lock(mutex_);
    set_.plan = std::move(plan);
  }

  void die(bool gently) {
    {
      const std::lock_guard lock(mutex_);
      forget(gently);
      opens_at_ = kNever;
    }
    server_.close();
  }

  void come_back() {
    std::unique_lock lock(mutex_);
    load();
    changed_.wait(lock, [&] { return opens_at_ == kNever || stopping_; });
  }

  void unblock() {
    const std::lock_guard lock(mutex_);
    unblocked_ = true;
    changed_.notify_all();
  }

  std::map<std::string, int> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  Counts counts() const {
    const std::lock_guard lock(mutex_);
    return counted();
  }
  int most_open() const {
    const std::lock_guard lock(mutex_);
    return most_open_;
  }
  std::vector<Asked> orders() const {
    const std::lock_guard lock(mutex_);
    return orders_;
  }

 private:
  static fs::path new_folder() {
    std::string name = fs::temp_directory_path() / "acestep-double-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    return name;
  }

  // --- time and life; all with the lock held unless said otherwise ---

  double now() const {
    return set_.speed *
           std::chrono::duration<double>(std::chrono::steady_clock::now() - born_).count();
  }
  std::chrono::steady_clock::time_point real(double when) const {
    const double seconds = std::min(when / set_.speed, 1e8);
    return born_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                       std::chrono::duration<double>(seconds));
  }
  /// Waits for a moment of the server's clock or for `condition`; false in the first case.
  template <typename Condition>
  bool wait_until(std::unique_lock<std::mutex>& lock, double when, Condition condition) {
    return changed_.wait_until(lock, real(when), condition);
  }

  std::int64_t created_now() const { return wall_milliseconds() / 1000; }

  std::string clock_text() const {
    const std::time_t when = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&when, &utc);
    char text[12];
    std::strftime(text, sizeof text, "%H:%M:%S", &utc);
    return text;
  }

  void load() {
    identity_.is_initialised = false;
    if (set_.loads_behind_open_door) server_.open();
    opens_at_ = now() + set_.loading;
    changed_.notify_all();
    last_line_ = "INFO:     Uvicorn running on http://127.0.0.1:" + std::to_string(server_.port()) +
                 " (Press CTRL+C to quit)";
  }

  /// What a process that ends does not remember. Finished jobs are in its cache on disk.
  void forget(bool gently) {
    ++generation_;
    for (const std::string& id : queue_) jobs_.erase(id);
    queue_.clear();
    for (auto& [id, job] : jobs_) {
      if (job.state != Job::State::kRunning || job.frozen) continue;
      job.frozen = gently ? Progress{0.99, "Preparing audio data..."} : progress_of(job);
    }
    counts_ = {};
    leaked_ = 0;
    job_seconds_.clear();
    identity_.is_initialised = false;
    changed_.notify_all();
  }

  /// Brings the server back when its time has come.
  void live() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (opens_at_ != kNever && now() >= opens_at_) {
        lock.unlock();
        server_.open();  // nothing held: it waits for the server's own thread
        lock.lock();
        identity_.is_initialised = true;
        opens_at_ = kNever;
        changed_.notify_all();
      }
      if (dies_ != Fault::kNone) {
        forget(dies_ == Fault::kDieGently);
        dies_ = Fault::kNone;
        lock.unlock();
        server_.close();
        lock.lock();
        wait_until(lock, now() + set_.down, [&] { return stopping_; });
        if (!stopping_) load();
        continue;
      }
      const double next = opens_at_;
      wait_until(lock, next,
                 [&] { return stopping_ || opens_at_ != next || dies_ != Fault::kNone; });
    }
  }

  // --- the one worker ---

  Progress progress_of(const Job& job) const {
    if (job.frozen) return *job.frozen;
    double share = (now() - job.started) / job.takes;
    if (job.fault == Fault::kHang) share = std::min(share, 0.1201);
    if (job.fault == Fault::kStall) share = std::min(share, 0.91);
    return progress_at(std::min(share, 0.98), job.asked.batch_size, job.asked.thinking);
  }

  bool is_blocked(const Job& job) const {
    return (job.fault == Fault::kHang || job.fault == Fault::kStall) && !unblocked_;
  }

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock,
                    [&] { return stopping_ || (!queue_.empty() && identity_.is_initialised); });
      if (stopping_) return;
      const std::string id = queue_.front();
      queue_.pop_front();
      Job& job = jobs_.at(id);  // a map's nodes stay where they are, and running ones are kept
      job.state = Job::State::kRunning;
      job.started = now();
      last_line_ = clock_text() + " | INFO | [generate_music] Preparing inputs...";
      const int generation = generation_;
      const auto is_over = [&] { return stopping_ || generation_ != generation; };

      const bool fails = job.fault == Fault::kOutOfMemory || job.fault == Fault::kNanInModel ||
                         (job.asked.needs_lm && set_.lm == Lm::kAbsent) || job.asked.batch_size < 1;
      std::vector<std::string> contents;
      if (!fails && job.fault != Fault::kSilent && !is_blocked(job)) {
        const Asked asked = job.asked;
        const Fault fault = job.fault;
        const std::uint64_t seed = dice_();
        lock.unlock();
        for (int n = 0; n < asked.batch_size; ++n)
          contents.push_back(file_of(asked, fault, seed + static_cast<std::uint64_t>(n)));
        lock.lock();
        if (is_over()) continue;
      }
      if (job.fault == Fault::kDie || job.fault == Fault::kDieGently) {
        if (wait_until(lock, job.started + 0.6 * job.takes, is_over)) continue;
        dies_ = job.fault;
        changed_.notify_all();
        changed_.wait(lock, is_over);
        continue;
      }
      if (is_blocked(job)) {
        wait_until(lock, job.started + set_.hangs_for, [&] { return is_over() || unblocked_; });
        if (is_over()) continue;
      } else {
        const double share = job.fault == Fault::kOutOfMemory ? 0.3 : 1;
        if (wait_until(lock, job.started + share * job.takes, is_over)) continue;
      }
      if (fails || job.fault == Fault::kHang || job.fault == Fault::kStall)
        fail(job);
      else
        succeed(job, contents);
      const double took = now() - job.started;
      job_seconds_.push_back(took);
      if (job_seconds_.size() > 50) job_seconds_.pop_front();
    }
  }

  /// The bytes of one track. Without the lock.
  std::string file_of(const Asked& asked, Fault fault, std::uint64_t seed) const {
    if (fault == Fault::kForeign) return zip_like();
    Tune tune;
    tune.seconds = asked.duration && *asked.duration > 0 ? std::min(*asked.duration, 480.0) : 20;
    tune.bpm = asked.bpm && *asked.bpm > 0 ? *asked.bpm : 92;
    if (!asked.key.empty()) tune.key = asked.key;
    tune.seed = set_.dialect == Dialect::kLater && !asked.use_random_seed && asked.seed >= 0
                    ? static_cast<std::uint64_t>(asked.seed)
                    : seed;
    const Pcm pcm = with_fault(set_.musician ? set_.musician(tune) : make_music(tune), fault);
    std::string format = extension_for(asked.audio_format, set_.dialect);
    std::transform(format.begin(), format.end(), format.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    if (fault == Fault::kWrongExtension) format = format == "flac" ? "mp3" : "flac";
    if (fault == Fault::kNanSamples || asked.audio_format == "wav32") format = "wav32";
    std::string bytes = encoded(pcm, format);
    if (fault == Fault::kTruncated) bytes.resize(bytes.size() * 6 / 10);
    return bytes;
  }

  void fail(Job& job) {
    job.state = Job::State::kFailed;
    job.result =
        failed_item(identity_, job.created,
                    "Traceback (most recent call last):\n  File \"/app/acestep/api_server.py\", "
                    "line 1, in _run\nRuntimeError: CUDA out of memory\n");
    ++counts_.failed;
  }

  void succeed(Job& job, const std::vector<std::string>& contents) {
    job.state = Job::State::kDone;
    ++counts_.succeeded;
    Made made{job.asked, job.created, {}, {}, job.takes, ""};
    for (int n = 0; n < std::max(job.asked.batch_size, 1); ++n) {
      const bool fixed =
          set_.dialect == Dialect::kLater && !job.asked.use_random_seed && job.asked.seed >= 0;
      made.seeds.push_back(
          std::to_string(fixed ? job.asked.seed : static_cast<std::int64_t>(dice_() >> 32)));
    }
    for (const std::string& bytes : contents) made.files.push_back(store(job, bytes));
    if (made.files.empty()) {
      made.files.push_back("");
      last_line_ = clock_text() +
                   " | WARNING | [generate_music] Silent output detected (idx=0, RMS=0.00e+00, "
                   "peak=0.00e+00). Likely cause: LLM backend returned empty conditioning, or "
                   "incompatible torch/triton/flash-attn. Suggest running with --backend pt.";
    }
    if (job.fault == Fault::kControlCharacters)
      made.suffix = std::string("\r\nSet-Cookie: a=b\n\x1b[31m") + '\0' +
                    "<script>alert(1)</script>';--\x7f";
    job.result = succeeded_items(identity_, made);
  }

  /// Writes a track as the server does and returns what `file` says of it.
  std::string store(const Job& job, const std::string& bytes) {
    const std::string extension = extension_for(job.asked.audio_format, set_.dialect);
    const std::string name = uuid() + "." + extension;
    const fs::path path = folder_ / "api_audio" / name;
    const std::string told = set_.root + "/api_audio/" + name;
    fetch_faults_[told] = job.fault;
    if (job.fault == Fault::kPathLink) {
      fs::create_symlink("/etc/passwd", path);
    } else if (job.fault == Fault::kPathFifo) {
      ::mkfifo(path.c_str(), 0600);
    } else {
      std::ofstream(path, std::ios::binary) << bytes;
    }
    std::string kind = extension;
    std::transform(kind.begin(), kind.end(), kind.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    last_line_ = clock_text() + " | DEBUG | [AudioSaver] Saved audio to " + told + " (" + kind +
                 ", 48000Hz)";
    switch (job.fault) {
      case Fault::kPathDots:
        return audio_url(set_.root + "/api_audio/../../../../etc/passwd");
      case Fault::kPathAbsolute:
        return "/etc/passwd";
      case Fault::kPathElsewhere:
        return "http://169.254.169.254/latest/meta-data/" + name;
      default:
        return audio_url(told);
    }
  }

  std::string uuid() {
    const std::uint64_t a = dice_();
    const std::uint64_t b = dice_();
    return hex(a >> 32, 8) + "-" + hex(a >> 16, 4) + "-4" + hex(a, 3) + "-" +
           hex((b >> 48 & 0x3fff) | 0x8000, 4) + "-" + hex(b, 12);
  }

  // --- answers ---

  Counts counted() const {
    Counts counts = counts_;
    counts.queue_size = static_cast<int>(queue_.size());
    counts.queued = counts.queue_size + leaked_;
    counts.queue_most = static_cast<int>(set_.queue_most);
    for (const auto& [id, job] : jobs_)
      if (job.state == Job::State::kRunning && !job.frozen) ++counts.running;
    if (!job_seconds_.empty()) {
      double sum = 0;
      for (const double seconds : job_seconds_) sum += seconds;
      counts.mean_seconds = sum / static_cast<double>(job_seconds_.size());
    }
    return counts;
  }

  /// A refusal, or nothing if the key is good. `with_body`: the call may carry ai_token.
  std::optional<HttpAnswer> locked_out(const HttpRequest& request, const std::string& ai_token,
                                       bool with_body) const {
    if (!set_.key) return {};
    const std::string header = request.header("authorization");
    if (with_body && !ai_token.empty()) {
      if (ai_token != *set_.key || set_.key->empty()) return refused(401, "Invalid ai_token");
      return {};
    }
    if (header.empty())
      return refused(401, with_body ? "Missing ai_token or Authorization header"
                                    : "Missing Authorization header");
    const std::string key = header.rfind("Bearer ", 0) == 0 ? header.substr(7) : header;
    if (key != *set_.key || key.empty()) return refused(401, "Invalid API key");
    return {};
  }

  HttpAnswer answer(const HttpRequest& request) {
    HttpAnswer given = route(request);
    if (set_.log)
      set_.log(request.method + " " + request.path + " -> " +
               (given.by_hand ? "(by hand)" : std::to_string(given.status)));
    return given;
  }

  HttpAnswer route(const HttpRequest& request) {
    {
      const std::lock_guard lock(mutex_);
      ++requests_[request.method + " " + request.path];
    }
    struct Route {
      const char* path;
      const char* method;
      HttpAnswer (Impl::*say)(const HttpRequest&);
    };
    static constexpr Route kRoutes[] = {
        {"/health", "GET", &Impl::health},       {"/v1/stats", "GET", &Impl::stats},
        {"/v1/models", "GET", &Impl::models},    {"/release_task", "POST", &Impl::release},
        {"/query_result", "POST", &Impl::query}, {"/v1/audio", "GET", &Impl::audio},
    };
    for (const Route& row : kRoutes) {
      if (request.path != row.path) continue;
      if (request.method == row.method) return (this->*row.say)(request);
      HttpAnswer wrong = refused(405, "Method Not Allowed");
      wrong.headers.insert(wrong.headers.begin(), {"allow", row.method});
      return wrong;
    }
    return refused(404, "Not Found");
  }

  HttpAnswer health(const HttpRequest&) {
    const std::lock_guard lock(mutex_);
    return json(200, wrapped(health_data(identity_), wall_milliseconds()));
  }

  HttpAnswer stats(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    if (auto no = locked_out(request, "", false)) return *no;
    return json(200, wrapped(stats_data(counted()), wall_milliseconds()));
  }

  HttpAnswer models(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    if (set_.dialect != Dialect::kFeb08)
      if (auto no = locked_out(request, "", false)) return *no;
    return json(200, models_body(identity_, wall_milliseconds()));
  }

  /// Reads an order in any of its three clothes; an answer if the server would not take it.
  std::optional<HttpAnswer> read_order(const HttpRequest& request, Asked* asked) const {
    const std::string type = request.header("content-type");
    const bool is_json =
        type.rfind("application/json", 0) == 0 ||
        (type.empty() && request.body.find_first_not_of(" \r\n\t") != std::string::npos &&
         request.body[request.body.find_first_not_of(" \r\n\t")] == '{');
    if (is_json) {
      bool is_object = false;
      if (!read_asked(request.body, asked, &is_object)) return text_error();
      if (!is_object) return refused(400, "JSON payload must be an object");
      return {};
    }
    const bool multipart = type.rfind("multipart/form-data", 0) == 0;
    if (!type.empty() && !multipart && type.rfind("application/x-www-form-urlencoded", 0) != 0)
      return refused(415, "Unsupported Content-Type: " + type.substr(0, type.find(';')) +
                              "; use application/json, application/x-www-form-urlencoded, or "
                              "multipart/form-data");
    if (set_.dialect == Dialect::kFeb08) return text_error();  // a bug of that day
    std::map<std::string, std::string> form;
    if (multipart) {
      const std::size_t mark = type.find("boundary=");
      const std::string border = "--" + (mark == type.npos ? "" : type.substr(mark + 9));
      std::size_t at = request.body.find(border);
      while (at != std::string::npos) {
        const std::size_t end = request.body.find(border, at + border.size());
        if (end == std::string::npos) break;
        const std::string part = request.body.substr(at + border.size(), end - at - border.size());
        const std::size_t body = part.find("\r\n\r\n");
        const std::size_t name = part.find("name=\"");
        if (body != std::string::npos && name < body && part.find("filename=") > body)
          form[part.substr(name + 6, part.find('"', name + 6) - name - 6)] =
              part.substr(body + 4, part.size() - body - 6);
        at = end;
      }
    } else {
      for (const char* name :
           {"prompt", "caption", "lyrics", "bpm", "audio_duration", "key_scale", "time_signature",
            "audio_format", "batch_size", "thinking", "seed", "ai_token", "inference_steps"}) {
        std::string value;
        if (form_value(request.body, name, &value)) form[name] = value;
      }
    }
    *asked = asked_from(form);
    return {};
  }

  HttpAnswer release(const HttpRequest& request) {
    Asked asked;
    const auto bad = read_order(request, &asked);
    const std::lock_guard lock(mutex_);
    if (bad) return *bad;
    if (auto no = locked_out(request, asked.ai_token, true)) return *no;
    if (asked.lm_backend != "vllm" && asked.lm_backend != "pt" && asked.lm_backend != "mlx")
      return text_error();
    if (set_.dialect == Dialect::kLater && !asked.source_path.empty() &&
        (asked.source_path[0] == '/' || asked.source_path.find("..") != std::string::npos))
      return refused(400, "absolute audio file paths are not allowed");
    const Fault fault = set_.plan ? set_.plan(nth_++) : Fault::kNone;
    switch (fault) {
      case Fault::kSubmitUnauthorised:
        return refused(401, "Invalid API key");
      case Fault::kSubmitTextError:
        return text_error();
      case Fault::kSubmitHtml:
        return page(502);
      case Fault::kSubmitGarbage:
        return garbage();
      default:
        break;
    }
    ++counts_.total;
    if (queue_.size() >= set_.queue_most || fault == Fault::kSubmitBusy) {
      ++leaked_;  // the server's own mistake: refused orders stay counted
      return refused(429, "Server busy: queue is full");
    }
    Job job;
    job.id = uuid();
    job.asked = asked;
    job.asked.batch_size = std::min(asked.batch_size, 4);
    job.fault = fault;
    job.created = created_now();
    job.submitted = now();
    job.takes = set_.delay + set_.delay_per_second * asked.duration.value_or(20);
    if (fault == Fault::kLate) job.takes *= 3;
    if (fault >= Fault::kQueryTextError && fault <= Fault::kQueryWrongTypes)
      job.faulty_polls = kFaultyPolls;
    const std::string id = job.id;
    if (fault != Fault::kLost) {
      queue_.push_back(id);
      jobs_.emplace(id, std::move(job));
    }
    orders_.push_back(asked);
    most_open_ = std::max(most_open_, static_cast<int>(queue_.size()) + counted().running);
    const auto position = static_cast<int>(queue_.size());
    changed_.notify_all();
    switch (fault) {
      case Fault::kSubmitCut:
        return cut_after("");
      case Fault::kSubmitHang:
        return silence_after("");
      case Fault::kSubmitHuge:
        return huge_json();
      case Fault::kSubmitDeep:
        return deep_json();
      default:
        return json(200, wrapped(release_data(id, position), wall_milliseconds()));
    }
  }

  HttpAnswer query(const HttpRequest& request) {
    std::vector<AskedId> ids;
    std::string ai_token;
    const std::string type = request.header("content-type");
    if (type.rfind("application/x-www-form-urlencoded", 0) == 0) {
      std::string list;
      if (form_value(request.body, "task_id_list", &list)) ids = ids_from(list);
      form_value(request.body, "ai_token", &ai_token);
    } else if (!read_ids(request.body, &ids, &ai_token)) {
      return text_error();
    }
    const std::lock_guard lock(mutex_);
    if (auto no = locked_out(request, ai_token, true)) return *no;
    std::string data;
    for (const AskedId& asked : ids) {
      const auto found = jobs_.find(asked.id);
      if (found != jobs_.end() && found->second.faulty_polls > 0) {
        --found->second.faulty_polls;
        return faulty_poll(found->second, asked);
      }
      data +=
          (data.empty() ? "" : ",") + (found == jobs_.end() ? query_entry(asked.json, "[]", 0, {})
                                                            : entry_of(found->second, asked));
    }
    return json(200, wrapped("[" + data + "]", wall_milliseconds()));
  }

  std::string entry_of(const Job& job, const AskedId& asked) const {
    std::optional<std::string> line;
    if (set_.dialect != Dialect::kFeb04) line = last_line_;
    switch (job.state) {
      case Job::State::kDone:
        return query_entry(asked.json, job.result, 1, line);
      case Job::State::kFailed:
        return query_entry(asked.json, job.result, 2, line);
      default:
        break;
    }
    const std::string item = job.state == Job::State::kQueued
                                 ? queued_item(identity_, job.created)
                                 : running_item(identity_, job.created, progress_of(job));
    const double patience = job.fault == Fault::kLate ? job.takes * 0.4 : set_.task_timeout;
    if (now() - job.submitted > patience) return query_entry(asked.json, item, 2, {});
    return query_entry(asked.json, item, 0, line);
  }

  HttpAnswer faulty_poll(const Job& job, const AskedId& asked) const {
    switch (job.fault) {
      case Fault::kQueryTextError:
        return text_error();
      case Fault::kQueryUnauthorised:
        return refused(401, "Invalid API key");
      case Fault::kQueryGarbage:
        return garbage();
      case Fault::kQueryHang:
        return silence_after("");
      case Fault::kQueryHuge:
        return huge_json();
      case Fault::kQueryDeep:
        return deep_json();
      case Fault::kQueryDeepResult:
        return json(200,
                    wrapped("[" + query_entry(asked.json, std::string(1'000'000, '['), 1, {}) + "]",
                            wall_milliseconds()));
      case Fault::kQueryWrongTypes:
        return json(
            200,
            wrapped(
                "[{\"task_id\":" + asked.json +
                    R"(,"result":{"file":["a"]},"status":"done","progress_text":7},null,[],"x"])",
                wall_milliseconds()));
      default: {
        const std::string body = wrapped("[" + entry_of(job, asked) + "]", wall_milliseconds());
        return cut_after(head_of(200,
                                 {{"content-length", std::to_string(body.size())},
                                  {"content-type", "application/json"}},
                                 true) +
                         body.substr(0, body.size() / 2));
      }
    }
  }

  HttpAnswer audio(const HttpRequest& request) {
    Fault fault = Fault::kNone;
    std::string told;
    {
      const std::lock_guard lock(mutex_);
      if (auto no = locked_out(request, "", false)) return *no;
      if (!form_value(request.query, "path", &told))
        return json(
            422,
            R"({"detail":[{"loc":["query","path"],"msg":"field required","type":"value_error.missing"}]})");
      const auto found = fetch_faults_.find(told);
      if (found != fetch_faults_.end()) fault = found->second;
    }
    const bool feb04 = set_.dialect == Dialect::kFeb04;
    const bool is_inside = told == set_.root || told.rfind(set_.root + "/", 0) == 0;
    const HttpAnswer outside = refused(403, "Access denied: path outside allowed directory");
    if (!is_inside && !feb04) return outside;
    if (!is_inside) {
      // That build serves any file it can read; this double shows that without reading any.
      if (!fs::is_regular_file(told)) return refused(404, "Audio file not found: " + told);
      return {200,
              {{"content-type", "audio/mpeg"},
               {"content-length", "8"},
               {"last-modified", http_date(std::time(nullptr))},
               {"etag", hex(8, 16) + hex(8, 16)}},
              "outside\n",
              {}};
    }
    const fs::path path = folder_ / told.substr(std::min(told.size(), set_.root.size() + 1));
    const fs::path true_path = fs::weakly_canonical(path);
    const fs::path home = fs::weakly_canonical(folder_);
    if (std::mismatch(home.begin(), home.end(), true_path.begin(), true_path.end()).first !=
        home.end())
      return outside;
    if (!fs::exists(true_path) || fault == Fault::kFetchNotFound)
      return refused(404, feb04 ? "Audio file not found: " + told : "Audio file not found");
    if (!fs::is_regular_file(true_path)) return text_error();
    return file_answer(request, true_path, fault);
  }

  HttpAnswer file_answer(const HttpRequest& request, const fs::path& path, Fault fault) const {
    std::string bytes = bytes_of(path);
    const std::string type = content_type_of(path);
    const std::string tag = hex(std::hash<std::string>{}(bytes), 16) + hex(bytes.size(), 16);
    const auto changed = static_cast<std::time_t>(std::chrono::duration_cast<std::chrono::seconds>(
                                                      fs::last_write_time(path).time_since_epoch())
                                                      .count());
    const bool current = set_.honours_range;
    Headers headers = {{"content-type", type}};
    if (current) headers.emplace_back("accept-ranges", "bytes");
    headers.emplace_back("content-length", std::to_string(bytes.size()));
    headers.emplace_back("last-modified", http_date(changed));
    headers.emplace_back("etag", current ? "\"" + tag + "\"" : tag);
    switch (fault) {
      case Fault::kFetchUnauthorised:
        return refused(401, "Invalid API key");
      case Fault::kFetchForbidden:
        return refused(403, "Access denied: path outside allowed directory");
      case Fault::kFetchTextError:
        return text_error();
      case Fault::kFetchHtml:
        return page(200);
      case Fault::kFetchHtmlAsAudio:
        return page(200, "audio/mpeg");
      case Fault::kFetchEmpty:
        return {200, {{"content-type", type}, {"content-length", "0"}}, "", {}};
      case Fault::kFetchCut:
        return cut_after(head_of(200, headers, true) + bytes.substr(0, bytes.size() / 2));
      case Fault::kFetchHang:
        return silence_after(head_of(200, headers, true) + bytes.substr(0, bytes.size() / 2));
      case Fault::kFetchSlow:
        return by_hand([head = head_of(200, headers, true), bytes, speed = set_.speed](Wire& wire) {
          bool alive = wire.send(head);
          for (std::size_t i = 0; alive && i < bytes.size(); ++i)
            alive = wire.send(std::string_view(bytes).substr(i, 1)) && wire.wait(1 / speed);
        });
      case Fault::kFetchEndless:
        return by_hand([type, bytes](Wire& wire) {
          bool alive = wire.send(head_of(200, {{"content-type", type}}, true));
          while (alive) alive = wire.send(bytes);
        });
      case Fault::kFetchGiant:
        return silence_after(
            head_of(200, {{"content-type", type}, {"content-length", "10000000000"}}, true) +
            bytes);
      case Fault::kFetchRedirect:
        return {302,
                {{"location", "http://169.254.169.254/latest/meta-data/"}, {"content-length", "0"}},
                "",
                {}};
      case Fault::kFetchLoop:
        return {302,
                {{"location", request.path + "?" + request.query}, {"content-length", "0"}},
                "",
                {}};
      default:
        break;
    }
    const std::string range = request.header("range");
    if (current && range.rfind("bytes=", 0) == 0 && range.find(',') == std::string::npos) {
      const std::size_t dash = range.find('-');
      const std::string first = range.substr(6, dash - 6);
      const std::string last = dash == range.npos ? "" : range.substr(dash + 1);
      std::size_t from = first.empty() ? 0 : std::strtoull(first.c_str(), nullptr, 10);
      std::size_t to = bytes.size();
      if (first.empty())
        from = bytes.size() -
               std::min<std::size_t>(bytes.size(), std::strtoull(last.c_str(), nullptr, 10));
      else if (!last.empty())
        to = std::min<std::size_t>(to, std::strtoull(last.c_str(), nullptr, 10) + 1);
      if (from >= to)
        return {416,
                {{"content-range", "bytes */" + std::to_string(bytes.size())},
                 {"content-length", "0"},
                 {"content-type", "text/plain; charset=utf-8"}},
                "",
                {}};
      headers[2].second = std::to_string(to - from);
      headers.emplace_back("content-range", "bytes " + std::to_string(from) + "-" +
                                                std::to_string(to - 1) + "/" +
                                                std::to_string(bytes.size()));
      return {206, headers, bytes.substr(from, to - from), {}};
    }
    return {200, headers, std::move(bytes), {}};
  }

  const std::chrono::steady_clock::time_point born_ = std::chrono::steady_clock::now();
  DoubleSettings set_;  // its plan is guarded by mutex_, the rest does not change
  const bool owns_folder_;
  const fs::path folder_;

  mutable std::mutex mutex_;  // guards all below but the server and the threads
  std::condition_variable changed_;
  bool stopping_ = false;
  bool unblocked_ = false;
  int generation_ = 0;  // of the process that this plays
  double opens_at_ = kNever;
  Fault dies_ = Fault::kNone;
  Identity identity_;
  std::mt19937_64 dice_;
  std::map<std::string, Job> jobs_;
  std::deque<std::string> queue_;
  std::map<std::string, Fault> fetch_faults_;  // by path on the server's disk
  std::string last_line_;
  Counts counts_;
  int leaked_ = 0;
  std::deque<double> job_seconds_;
  std::size_t nth_ = 0;
  std::map<std::string, int> requests_;
  int most_open_ = 0;
  std::vector<Asked> orders_;

  SmallServer server_;
  std::thread worker_;
  std::thread life_;
};

AceStepDouble::AceStepDouble(DoubleSettings settings)
    : impl_(std::make_unique<Impl>(std::move(settings))) {}
AceStepDouble::~AceStepDouble() = default;
int AceStepDouble::port() const {
  return impl_->port();
}
std::string AceStepDouble::url() const {
  return "http://127.0.0.1:" + std::to_string(port());
}
const fs::path& AceStepDouble::folder() const {
  return impl_->folder();
}
void AceStepDouble::set_plan(std::function<Fault(std::size_t)> plan) {
  impl_->set_plan(std::move(plan));
}
void AceStepDouble::die(bool gently) {
  impl_->die(gently);
}
void AceStepDouble::come_back() {
  impl_->come_back();
}
void AceStepDouble::unblock() {
  impl_->unblock();
}
std::map<std::string, int> AceStepDouble::requests() const {
  return impl_->requests();
}
Counts AceStepDouble::counts() const {
  return impl_->counts();
}
int AceStepDouble::most_open() const {
  return impl_->most_open();
}
std::vector<Asked> AceStepDouble::orders() const {
  return impl_->orders();
}

}  // namespace support
