// SPDX-License-Identifier: Apache-2.0
#include "support/http_answers.hpp"

#include <algorithm>
#include <cstdio>

namespace support {
namespace {

constexpr std::size_t kHuge = 200'000'000;  // bytes

/// `unit` until a good piece is full, so that little is sent in many calls.
std::string repeated(const std::string& unit) {
  std::string block;
  while (block.size() < 65536) block += unit;
  return block;
}

HttpAnswer headed(const Headers& headers, std::string body) {
  return {200, headers, std::move(body), {}};
}

}  // namespace

std::string http_date(std::time_t when) {
  std::tm utc{};
  ::gmtime_r(&when, &utc);
  char date[40];
  std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return date;
}

std::string hex(std::uint64_t value, int digits) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return std::string(text + 16 - digits, static_cast<std::size_t>(digits));
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          char code[8];
          std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
          out += code;
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

HttpAnswer json_answer(int status, std::string body) {
  return {status,
          {{"content-length", std::to_string(body.size())}, {"content-type", "application/json"}},
          std::move(body),
          {}};
}

HttpAnswer refused(int status, std::string_view why) {
  return json_answer(status, "{\"detail\":" + in_quotes(why) + "}");
}

HttpAnswer text_error() {
  return {500,
          {{"content-length", "21"}, {"content-type", "text/plain; charset=utf-8"}},
          "Internal Server Error",
          {}};
}

HttpAnswer page(int status, const std::string& type) {
  std::string body =
      "<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>The model is being moved"
      "</h1><p>Please come back later.</p></body></html>";
  while (body.size() < 40000) body += "<p>We are sorry.</p>";
  return {
      status, {{"content-type", type}, {"content-length", std::to_string(body.size())}}, body, {}};
}

HttpAnswer redirect(const std::string& location) {
  return {302, {{"location", location}, {"content-length", "0"}}, "", {}};
}

HttpAnswer by_hand(std::function<void(Sender&)> hand) {
  return {200, {}, {}, std::move(hand)};
}

HttpAnswer garbage() {
  return json_answer(200, "}{ not json at all \x01\xff");
}

HttpAnswer huge_json() {
  const std::string begin = "{\"data\":[\"";
  return by_hand([=](Sender& sender) {
    const std::string block = repeated("all work and no play ");
    bool alive = sender.send(head_of(200,
                                     {{"content-length", std::to_string(begin.size() + kHuge)},
                                      {"content-type", "application/json"}},
                                     true) +
                             begin);
    for (std::size_t sent = 0; alive && sent < kHuge; sent += block.size())
      alive = sender.send(std::string_view(block).substr(0, std::min(block.size(), kHuge - sent)));
  });
}

HttpAnswer endless_json() {
  return endless(head_of(200, {{"content-type", "application/json"}}, true) + "{\"data\":[",
                 "{\"task_id\":\"x\"},");
}

HttpAnswer deep_json() {
  return json_answer(200, "{\"data\":" + std::string(1'000'000, '['));
}

HttpAnswer endless_headers() {
  return endless("HTTP/1.1 200 OK\r\n", "x-more: of the same\r\n");
}

HttpAnswer gzip_bomb(const std::string& type) {
  // A gzip header, then one deflate block whose code 1 stands for "258 zeros again".
  std::string body(
      "\x1f\x8b\x08\0\0\0\0\0\x02\x03\xec\xc1\x01\x01\0\0\0\x80\x90\xfe\xaf\xee\x08\x0a", 24);
  body.resize(2'000'000, '\0');
  return headed({{"content-type", type},
                 {"content-encoding", "gzip"},
                 {"content-length", std::to_string(body.size())}},
                body);
}

HttpAnswer cut_after(std::string bytes) {
  return by_hand([bytes = std::move(bytes)](Sender& sender) { sender.send(bytes); });
}

HttpAnswer silence_after(std::string bytes) {
  return by_hand([bytes = std::move(bytes)](Sender& sender) {
    if (sender.send(bytes)) sender.wait(3600);
  });
}

HttpAnswer dripped(std::string head, std::string body, double seconds_per_byte) {
  return by_hand(
      [head = std::move(head), body = std::move(body), seconds_per_byte](Sender& sender) {
        bool alive = sender.send(head);
        for (std::size_t i = 0; alive && i < body.size(); ++i)
          alive = sender.send(std::string_view(body).substr(i, 1)) && sender.wait(seconds_per_byte);
      });
}

HttpAnswer endless(std::string head, const std::string& unit) {
  return by_hand([head = std::move(head), block = repeated(unit)](Sender& sender) {
    bool alive = sender.send(head);
    while (alive) alive = sender.send(block);
  });
}

}  // namespace support
