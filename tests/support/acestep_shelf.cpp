// SPDX-License-Identifier: Apache-2.0
#include "support/acestep_shelf.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "support/acestep_words.hpp"
#include "support/http_answers.hpp"
#include "text/ascii.hpp"

namespace support {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kSparse = 10'000'000'000;  // bytes
constexpr const char* kElsewhere = "http://169.254.169.254/latest/meta-data/";

fs::path new_folder() {
  std::string name = fs::temp_directory_path() / "acestep-double-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  return name;
}

std::string content_type_of(const fs::path& path) {
  const std::string ending = infinara::text::lowered(path.extension().native());
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

bool is_below(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
         folder.end();
}

/// What is left of a file of `headers` for one Range, or nothing if that is none.
std::optional<HttpAnswer> ranged(const std::string& range, Headers headers,
                                 const std::string& bytes) {
  if (range.rfind("bytes=", 0) != 0 || range.find(',') != std::string::npos) return {};
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
    return HttpAnswer{416,
                      {{"content-range", "bytes */" + std::to_string(bytes.size())},
                       {"content-length", "0"},
                       {"content-type", "text/plain; charset=utf-8"}},
                      "",
                      {}};
  for (auto& [name, value] : headers)
    if (name == "content-length") value = std::to_string(to - from);
  headers.emplace_back("content-range", "bytes " + std::to_string(from) + "-" +
                                            std::to_string(to - 1) + "/" +
                                            std::to_string(bytes.size()));
  return HttpAnswer{206, headers, bytes.substr(from, to - from), {}};
}

}  // namespace

Shelf::Shelf(const DoubleSettings& settings)
    : dialect_(settings.dialect),
      honours_range_(settings.honours_range),
      speed_(settings.speed),
      root_(settings.root),
      is_own_(settings.folder.empty()),
      folder_(is_own_ ? new_folder() : settings.folder) {
  fs::create_directories(folder_ / "api_audio");
}

Shelf::~Shelf() {
  std::error_code ignored;
  if (is_own_) fs::remove_all(folder_, ignored);
}

Shelf::Place Shelf::put(const std::string& name, const std::string& bytes, Fault fault) {
  const fs::path path = folder_ / "api_audio" / name;
  const std::string told = root_ + "/api_audio/" + name;
  {
    const std::lock_guard lock(mutex_);
    faults_[told] = fault;
  }
  switch (fault) {
    case Fault::kPathLink:
      fs::create_symlink("/etc/passwd", path);
      break;
    case Fault::kPathZero:
      fs::create_symlink("/dev/zero", path);
      break;
    case Fault::kPathFifo:
      ::mkfifo(path.c_str(), 0600);
      break;
    default:
      std::ofstream(path, std::ios::binary) << bytes;
      if (fault == Fault::kPathSparse) fs::resize_file(path, kSparse);
  }
  switch (fault) {
    case Fault::kPathDots:
      return {audio_url(root_ + "/api_audio/../../../../etc/passwd"), told};
    case Fault::kPathEncoded:
      return {"/v1/audio?path=" + percent_encoded(root_) +
                  "%2Fapi_audio%2F%252e%252e%2F%252e%252e%2F%252e%252e%2Fetc%2Fpasswd",
              told};
    case Fault::kPathAbsolute:
      return {"/etc/passwd", told};
    case Fault::kPathElsewhere:
      return {kElsewhere + name, told};
    default:
      return {audio_url(told), told};
  }
}

HttpAnswer Shelf::give(const HttpRequest& request) const {
  std::string told;
  if (!form_value(request.query, "path", &told))
    return json_answer(
        422,
        R"({"detail":[{"loc":["query","path"],"msg":"field required","type":"value_error.missing"}]})");
  Fault fault = Fault::kNone;
  {
    const std::lock_guard lock(mutex_);
    const auto found = faults_.find(told);
    if (found != faults_.end()) fault = found->second;
  }
  const bool feb04 = dialect_ == Dialect::kFeb04;
  HttpAnswer outside = refused(403, "Access denied: path outside allowed directory");
  if (told != root_ && told.rfind(root_ + "/", 0) != 0) {
    if (!feb04) return outside;
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
  const fs::path path =
      fs::weakly_canonical(folder_ / told.substr(std::min(told.size(), root_.size() + 1)));
  if (!is_below(path, fs::weakly_canonical(folder_))) return outside;
  if (!fs::exists(path) || fault == Fault::kFetchNotFound)
    return refused(404, feb04 ? "Audio file not found: " + told : "Audio file not found");
  if (!fs::is_regular_file(path)) return text_error();
  return give_file(request, path, fault);
}

HttpAnswer Shelf::give_file(const HttpRequest& request, const fs::path& path, Fault fault) const {
  const std::string type = content_type_of(path);
  if (fault == Fault::kPathSparse)
    return silence_after(
        head_of(200, {{"content-type", type}, {"content-length", std::to_string(kSparse)}}, true));
  std::string bytes = bytes_of(path);
  const std::string tag = hex(std::hash<std::string>{}(bytes), 16) + hex(bytes.size(), 16);
  const auto changed = std::chrono::duration_cast<std::chrono::seconds>(
      fs::last_write_time(path).time_since_epoch());
  Headers headers = {{"content-type", type}};
  if (honours_range_) headers.emplace_back("accept-ranges", "bytes");
  headers.emplace_back("content-length", std::to_string(bytes.size()));
  headers.emplace_back("last-modified", http_date(static_cast<std::time_t>(changed.count())));
  headers.emplace_back("etag", honours_range_ ? "\"" + tag + "\"" : tag);
  const std::string here = request.path + "?" + request.query;
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
      return dripped(head_of(200, headers, true), bytes, 1 / speed_);
    case Fault::kFetchEndless:
      return endless(head_of(200, {{"content-type", type}}, true), bytes);
    case Fault::kFetchHeaders:
      return endless_headers();
    case Fault::kFetchGzip:
      return gzip_bomb(type);
    case Fault::kFetchGiant:
      return silence_after(
          head_of(200, {{"content-type", type}, {"content-length", "10000000000"}}, true) + bytes);
    case Fault::kFetchRedirect:
      return redirect(kElsewhere);
    case Fault::kFetchLoop:
      return redirect(here);
    case Fault::kFetchMoved:
      if (request.query.find("&moved") == std::string::npos) return redirect(here + "&moved=1");
      break;
    default:
      break;
  }
  if (honours_range_)
    if (auto part = ranged(request.header("range"), headers, bytes)) return *part;
  return {200, headers, std::move(bytes), {}};
}

}  // namespace support
