// SPDX-License-Identifier: Apache-2.0
#include "support/acestep_double.hpp"

#include <condition_variable>
#include <limits>
#include <mutex>
#include <numeric>
#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <variant>

#include "support/acestep_jobs.hpp"
#include "support/acestep_shelf.hpp"
#include "support/http_answers.hpp"

namespace support {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

Identity identity_of(const DoubleSettings& settings) {
  Identity identity;
  identity.dialect = settings.dialect;
  identity.lm = settings.lm;
  const bool base = settings.dialect == Dialect::kFeb04;
  identity.dit_model = !settings.model.empty() ? settings.model
                       : base                  ? "acestep-v15-base"
                                               : "acestep-v15-turbo";
  identity.lm_model = base ? "/app/checkpoints/acestep-5Hz-lm-1.7B" : "acestep-5Hz-lm-0.6B";
  identity.is_initialised = false;
  identity.keeps = settings.keeps;
  identity.others = settings.others;
  return identity;
}

HttpAnswer good(const std::string& data) {
  return json_answer(200, wrapped(data, wall_milliseconds()));
}

/// How an order is refused that the server does not even queue, if at all.
std::optional<HttpAnswer> refusal_of(Fault fault) {
  switch (fault) {
    case Fault::kSubmitUnauthorised:
      return refused(401, "Invalid API key");
    case Fault::kSubmitTextError:
      return text_error();
    case Fault::kSubmitControl:
      return refused(400, std::string("no\r\nSet-Cookie: a=b\x1b[31m") + '\0' + "\x7f such field");
    case Fault::kSubmitHtml:
      return page(502);
    case Fault::kSubmitGarbage:
      return garbage();
    default:
      return {};
  }
}

/// What is said in the place of "queued" when an order was taken.
HttpAnswer taken_badly(Fault fault, HttpAnswer otherwise, double speed) {
  switch (fault) {
    case Fault::kSubmitCut:
      return cut_after("");
    case Fault::kSubmitHang:
      return silence_after("");
    case Fault::kSubmitHuge:
      return huge_json();
    case Fault::kSubmitDeep:
      return deep_json();
    case Fault::kSubmitEndless:
      return endless_json();
    case Fault::kSubmitHeaders:
      return endless_headers();
    case Fault::kSubmitSlow:
      return dripped(head_of(200, otherwise.headers, true), otherwise.body, 1 / speed);
    default:
      return otherwise;
  }
}

/// What is said in the place of `entry` about a job.
HttpAnswer polled_badly(Fault fault, const AskedId& id, const std::string& entry, double speed) {
  const auto alone = [](const std::string& one) { return good("[" + one + "]"); };
  const HttpAnswer honest = alone(entry);
  const std::string head = head_of(200, honest.headers, true);
  switch (fault) {
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
      return alone(query_entry(id.json, std::string(1'000'000, '['), 1, {}));
    case Fault::kQueryWrongTypes:
      return alone("{\"task_id\":" + id.json +
                   R"(,"result":{"file":["a"]},"status":"done","progress_text":7},null,[],"x")");
    case Fault::kQueryEndless:
      return endless_json();
    case Fault::kQuerySlow:
      return dripped(head, honest.body, 1 / speed);
    case Fault::kQueryHeaders:
      return endless_headers();
    case Fault::kQueryGzip:
      return gzip_bomb("application/json");
    case Fault::kQueryRedirect:
      return redirect("http://169.254.169.254/latest/meta-data/");
    default:
      return cut_after(head + honest.body.substr(0, honest.body.size() / 2));
  }
}

}  // namespace

std::function<Fault(std::size_t)> in_turn(std::vector<Fault> list) {
  return [list = std::move(list)](std::size_t n) {
    return list.empty() ? Fault::kNone : list[n % list.size()];
  };
}

std::function<Fault(std::size_t)> shuffled(std::vector<Fault> list, std::uint64_t seed) {
  return [list = std::move(list), seed](std::size_t n) {
    if (list.empty()) return Fault::kNone;
    std::vector<std::size_t> deck(list.size());
    std::iota(deck.begin(), deck.end(), 0U);
    std::mt19937_64 rng(seed * 1000003 + n / list.size());
    std::shuffle(deck.begin(), deck.end(), rng);
    return list[deck[n % list.size()]];
  };
}

class AceStepDouble::Impl {
 public:
  explicit Impl(DoubleSettings settings)
      : set_(std::move(settings)),
        clock_(set_.speed),
        shelf_(set_),
        identity_(identity_of(set_)),
        jobs_(set_, identity_, shelf_, clock_, [this](bool gently) { die_soon(gently); }),
        server_(set_.port, set_.keep_alive / set_.speed,
                [this](const HttpRequest& request) { return answer(request); }) {
    life_ = std::thread([this] { live(); });
    const std::lock_guard lock(mutex_);
    load();
    if (set_.loading <= 0) {
      opens_at_ = kNever;
      loaded();
      server_.open();
    }
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    life_.join();
    server_.close();
  }

  int port() const { return server_.port(); }
  const Shelf& shelf() const { return shelf_; }
  Jobs& jobs() { return jobs_; }

  void set_plan(std::function<Fault(std::size_t)> plan) {
    const std::lock_guard lock(mutex_);
    plan_ = std::move(plan);
  }

  void die(bool gently) {
    {
      const std::lock_guard lock(mutex_);
      opens_at_ = kNever;
      identity_.is_initialised = false;
    }
    jobs_.forget(gently);
    server_.close();
  }

  void come_back() {
    std::unique_lock lock(mutex_);
    load();
    changed_.wait(lock, [&] { return opens_at_ == kNever || stopping_; });
  }

  std::map<std::string, int> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::vector<Asked> orders() const {
    const std::lock_guard lock(mutex_);
    return orders_;
  }

 private:
  // --- life; all with the lock held unless said otherwise ---

  void load() {
    identity_.is_initialised = false;
    if (set_.loads_behind_open_door) server_.open();
    opens_at_ = clock_.now() + set_.loading;
    changed_.notify_all();
  }

  void loaded() {
    identity_.is_initialised = true;
    jobs_.set_loaded(true, server_.port());
  }

  /// Called by the worker, without the lock.
  void die_soon(bool gently) {
    const std::lock_guard lock(mutex_);
    dies_ = gently;
    changed_.notify_all();
  }

  /// Brings the server down when a job kills it, and back when its time has come. Not locked.
  void live() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (opens_at_ != kNever && clock_.now() >= opens_at_) {
        lock.unlock();
        server_.open();  // nothing held: it waits for the server's own thread
        lock.lock();
        loaded();
        opens_at_ = kNever;
        changed_.notify_all();
      }
      if (const auto gently = std::exchange(dies_, {})) {
        identity_.is_initialised = false;
        lock.unlock();
        jobs_.forget(*gently);
        server_.close();
        lock.lock();
        const double back = clock_.now() + set_.down;
        changed_.wait_until(lock, clock_.real(back), [&] { return stopping_; });
        if (!stopping_) load();
        continue;
      }
      const double next = opens_at_;
      changed_.wait_until(lock, clock_.real(next),
                          [&] { return stopping_ || opens_at_ != next || dies_; });
    }
  }

  // --- answers ---

  /// A refusal, or nothing if the key is good. `with_body`: the call may carry ai_token.
  std::optional<HttpAnswer> locked_out(const HttpRequest& request, const std::string& ai_token,
                                       bool with_body) const {
    if (set_.keyless_503) return refused(503, "API key is not configured");
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
    if (!jobs_.answers()) return silence_after("");
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

  /// With the lock held: as it is now, before or after the first job has loaded a model.
  Identity identity() const {
    Identity now = identity_;
    now.is_initialised = now.is_initialised && jobs_.has_model();
    now.lists_models = jobs_.has_model();
    return now;
  }

  HttpAnswer health(const HttpRequest&) {
    const std::lock_guard lock(mutex_);
    return good(health_data(identity()));
  }

  HttpAnswer stats(const HttpRequest& request) {
    if (auto no = locked_out(request, "", false)) return *no;
    return good(stats_data(jobs_.counts()));
  }

  HttpAnswer models(const HttpRequest& request) {
    if (set_.dialect != Dialect::kFeb08)
      if (auto no = locked_out(request, "", false)) return *no;
    const std::lock_guard lock(mutex_);
    return json_answer(200, models_body(identity(), wall_milliseconds()));
  }

  HttpAnswer release(const HttpRequest& request) {
    const auto order = read_order(request, set_.dialect);
    if (const auto* bad = std::get_if<HttpAnswer>(&order)) return *bad;
    const Asked& asked = std::get<Asked>(order);
    if (auto no = locked_out(request, asked.ai_token, true)) return *no;
    if (asked.lm_backend != "vllm" && asked.lm_backend != "pt" && asked.lm_backend != "mlx")
      return text_error();
    if (set_.dialect == Dialect::kLater && !asked.source_path.empty() &&
        (asked.source_path[0] == '/' || asked.source_path.find("..") != std::string::npos))
      return refused(400, "absolute audio file paths are not allowed");
    const Fault fault = next_fault();
    if (auto no = refusal_of(fault)) return *no;
    const auto taken = jobs_.take(asked, fault);
    if (!taken) return refused(429, "Server busy: queue is full");
    {
      const std::lock_guard lock(mutex_);
      orders_.push_back(asked);
    }
    return taken_badly(fault, good(release_data(taken->id, taken->position)), set_.speed);
  }

  Fault next_fault() {
    const std::lock_guard lock(mutex_);
    return plan_ ? plan_(nth_++) : Fault::kNone;
  }

  HttpAnswer query(const HttpRequest& request) {
    const auto asked = read_query(request);
    if (!asked) return text_error();
    if (auto no = locked_out(request, asked->ai_token, true)) return *no;
    std::string data;
    for (const AskedId& id : asked->ids) {
      const Fault fault = jobs_.poll(id.id);
      if (fault != Fault::kNone) return polled_badly(fault, id, jobs_.entry_of(id), set_.speed);
      data += (data.empty() ? "" : ",") + jobs_.entry_of(id);
    }
    return good("[" + data + "]");
  }

  HttpAnswer audio(const HttpRequest& request) {
    if (auto no = locked_out(request, "", false)) return *no;
    return shelf_.give(request);
  }

  const DoubleSettings set_;
  const FastClock clock_;
  Shelf shelf_;

  mutable std::mutex mutex_;  // guards all below but the jobs, the server and the thread
  std::condition_variable changed_;
  bool stopping_ = false;
  double opens_at_ = kNever;
  std::optional<bool> dies_;  // gently, or not
  Identity identity_;
  std::function<Fault(std::size_t)> plan_ = set_.plan;
  std::size_t nth_ = 0;
  std::map<std::string, int> requests_;
  std::vector<Asked> orders_;

  Jobs jobs_;
  SmallServer server_;
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
const std::filesystem::path& AceStepDouble::folder() const {
  return impl_->shelf().folder();
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
  impl_->jobs().unblock();
}
std::map<std::string, int> AceStepDouble::requests() const {
  return impl_->requests();
}
Counts AceStepDouble::counts() const {
  return impl_->jobs().counts();
}
int AceStepDouble::most_open() const {
  return impl_->jobs().most_open();
}
std::vector<Asked> AceStepDouble::orders() const {
  return impl_->orders();
}

}  // namespace support
