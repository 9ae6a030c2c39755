// SPDX-License-Identifier: Apache-2.0
#include "cast/icy.hpp"

#include <utility>

#include "text/printable.hpp"

namespace infinara::cast {

namespace {

constexpr std::size_t kMostText = 255 * 16;

/// One line; the quotes that would end the field are typographic apostrophes.
std::string one_line(std::string_view text, std::size_t most) {
  std::string unquoted;
  for (const char c : text)
    if (c == '\'')
      unquoted += "\xe2\x80\x99";
    else
      unquoted += c;
  return text::printable(unquoted, most, " ", "\xef\xbf\xbd");
}

/// Header values stay within what every client reads.
std::string header(std::string_view name, std::string_view value) {
  return value.empty() ? "" : std::string(name) + ": " + one_line(value, 200) + "\r\n";
}

std::string status_line(int minor, std::string_view status) {
  return std::string("HTTP/1.") + (minor == 0 ? '0' : '1') + ' ' + std::string(status) + "\r\n";
}

// Pages on other origins may play the stream and read its titles.
constexpr std::string_view kForEveryPage =
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Expose-Headers: icy-br, icy-genre, icy-metaint, icy-name\r\n";

}  // namespace

std::string title_block(std::string_view title, std::string_view url) {
  constexpr std::string_view kBefore = "StreamTitle='";
  constexpr std::string_view kBetween = "';StreamUrl='";
  constexpr std::string_view kAfter = "';";
  constexpr std::size_t kRoom = kMostText - kBefore.size() - kBetween.size() - kAfter.size();
  // A cut address leads nowhere: one that does not fit beside a title is left out.
  std::string safe_url = one_line(url, kRoom);
  if (url.size() > kRoom / 2) safe_url.clear();
  const std::string safe_title = one_line(title, kRoom - safe_url.size());

  std::string text(1, '\0');  // becomes the count
  text += kBefore;
  text += safe_title;
  text += kBetween;
  text += safe_url;
  text += kAfter;
  const std::size_t sixteens = (text.size() - 1 + 15) / 16;
  text.resize(1 + sixteens * 16, '\0');
  text[0] = static_cast<char>(sixteens);
  return text;
}

void Titles::set(Position position, std::string_view title, std::string_view url) {
  auto block = std::make_shared<const std::string>(title_block(title, url));
  const Block* last = blocks_.newest();
  if (last == nullptr || **last != *block) blocks_.set(position, std::move(block));
}

Titles::Block Titles::at(Position position) const {
  const Block* block = blocks_.at(position);
  return block != nullptr ? *block : nullptr;
}

std::string response_head(const HeadFacts& facts) {
  std::string head = status_line(facts.minor, "200 OK");
  head += header("Content-Type", facts.content_type);
  head += "Cache-Control: no-cache, no-store\r\nConnection: close\r\nAccept-Ranges: none\r\n";
  head += kForEveryPage;
  head += header("icy-name", facts.name);
  head += header("icy-genre", facts.genre);
  if (facts.bitrate > 0) head += header("icy-br", std::to_string(facts.bitrate));
  if (facts.icy) head += header("icy-metaint", std::to_string(kMetaint));
  return head + "\r\n";
}

std::string short_response(int minor, std::string_view status, std::string_view extra,
                           std::string_view body) {
  std::string head = status_line(minor, status);
  head += "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n";
  head += "Access-Control-Allow-Origin: *\r\n";
  head += extra;
  head += "\r\n";
  head += body;
  return head;
}

std::string preflight_response(int minor) {
  return short_response(minor, "200 OK",
                        "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"
                        "Access-Control-Allow-Headers: Icy-MetaData, Range\r\n"
                        "Access-Control-Max-Age: 86400\r\n");
}

}  // namespace infinara::cast
