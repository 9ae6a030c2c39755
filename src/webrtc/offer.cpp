// SPDX-License-Identifier: Apache-2.0
#include "webrtc/offer.hpp"

#include <algorithm>
#include <array>

#include "text/ascii.hpp"
#include "text/number.hpp"

namespace infinara::webrtc {
namespace {

using text::lowered;
using Words = std::vector<std::string_view>;

struct Bad {
  BadOffer offer;
};

[[noreturn]] void refuse(int status, std::string why) {
  throw Bad{{status, std::move(why)}};
}

struct Section {
  std::string_view media, port, proto;
  Words formats;
  Words attributes;  // what follows "a="
};

Words split(std::string_view text, char between) {
  Words words;
  while (!text.empty()) {
    const auto end = std::min(text.find(between), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::optional<int> number(std::string_view text, int most) {
  const auto value = text::number<int>(text);
  return value && *value >= 0 && *value <= most ? value : std::nullopt;
}

bool only(std::string_view text, std::string_view also) {
  return std::ranges::all_of(
      text, [&](char c) { return text::is_alnum(c) || also.find(c) != also.npos; });
}

/// RFC 8839: ice-char.
bool is_ice(std::string_view text, std::size_t least) {
  return text.size() >= least && text.size() <= 256 && only(text, "+/");
}

/// RFC 4566: token.
bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= 64 && only(text, "!#$%&'*+-.^_`{|}~");
}

/// Lines "x=…" without their ends; a line feed alone ends one too.
std::vector<std::string_view> lines_of(std::string_view text) {
  if (text.size() > kMostSdpBytes) refuse(413, "it is longer than 64 KiB");
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const bool plain = std::ranges::none_of(line, text::is_control);
    if (line.size() < 2 || line[1] != '=' || line[0] < 'a' || line[0] > 'z' || !plain)
      refuse(400, "it is no SDP: each line must be a letter, = and a value");
    lines.push_back(line);
  }
  return lines;
}

/// The value of `name:value`, or of a bare `name`.
std::optional<std::string_view> value_of(std::string_view attribute, std::string_view name) {
  if (!attribute.starts_with(name)) return {};
  if (attribute.size() == name.size()) return "";
  if (attribute[name.size()] != ':') return {};
  return attribute.substr(name.size() + 1);
}

std::optional<std::string_view> find(const Words& attributes, std::string_view name) {
  for (const auto attribute : attributes)
    if (const auto value = value_of(attribute, name)) return value;
  return {};
}

/// Said for the section, or for all of them.
std::optional<std::string_view> find(const Section& section, const Words& session,
                                     std::string_view name) {
  const auto own = find(section.attributes, name);
  return own ? own : find(session, name);
}

/// Whether this is a candidate by RFC 8839: foundation, component, transport, priority, address,
/// port, "typ", type and anything more.
bool is_candidate(const Words& words) {
  return words.size() >= 8 && words[0].size() > 10 && only(words[0].substr(10), "+/") &&
         number(words[1], 256) && is_token(words[2]) && number(words[3], 2147483647) &&
         number(words[5], 65535) && words[6] == "typ" && is_token(words[7]);
}

/// "candidate:…" that can be checked without asking a name server: UDP, to a literal address.
std::optional<std::string> candidate_of(std::string_view attribute) {
  if (!attribute.starts_with("candidate:") || attribute.size() > 512) return {};
  const Words words = split(attribute, ' ');
  if (!is_candidate(words) || words[1] != "1" || lowered(words[2]) != "udp" || words[5] == "0")
    return {};
  const auto address = words[4];
  const bool literal = std::ranges::all_of(
      address, [](char c) { return text::hex_value(c) >= 0 || c == '.' || c == ':'; });
  const bool dotted = std::ranges::count(address, '.') == 3 || address.find(':') != address.npos;
  if (!literal || !dotted) return {};
  static constexpr std::array<std::string_view, 4> kTypes{"host", "srflx", "prflx", "relay"};
  if (std::ranges::find(kTypes, words[7]) == kTypes.end()) return {};
  // The related address (raddr) is of no use here.
  std::string text(words[0]);
  for (std::size_t i = 1; i < 8; ++i) text += " " + std::string(words[i]);
  return text;
}

/// "sha-256 AA:BB…", checked to be one.
bool is_fingerprint(std::string_view text) {
  const auto space = text.find(' ');
  if (space == text.npos) return false;
  const std::string hash = lowered(text.substr(0, space));
  const std::string_view digest = text.substr(space + 1);
  const std::size_t bytes = hash == "sha-1"     ? 20
                            : hash == "sha-224" ? 28
                            : hash == "sha-256" ? 32
                            : hash == "sha-384" ? 48
                            : hash == "sha-512" ? 64
                                                : 0;
  if (bytes == 0 || digest.size() != bytes * 3 - 1) return false;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    if (i % 3 == 2 ? digest[i] != ':' : text::hex_value(digest[i]) < 0) return false;
  }
  return true;
}

/// The payload type by which a section offers Opus.
std::optional<int> opus_of(const Section& section) {
  for (const auto format : section.formats)
    for (const auto attribute : section.attributes) {
      const auto map = value_of(attribute, "rtpmap");
      if (!map) continue;
      const Words words = split(*map, ' ');
      if (words.size() == 2 && words[0] == format && lowered(words[1]).starts_with("opus/48000"))
        if (const auto type = number(format, 127); type && (*type >= 96 || *type < 64)) return type;
    }
  return {};
}

/// The fmtp parameters of the client's Opus that webrtcbin gets. Others, such as sprop-stereo=0,
/// make webrtcbin 1.22 answer "inactive". stereo=1 is always asked for: browsers without it ignore
/// it.
std::string format_of(const Section& section, int type) {
  std::string text = "minptime=10;useinbandfec=1;stereo=1";
  for (const auto attribute : section.attributes) {
    const auto line = value_of(attribute, "fmtp");
    if (!line || !line->starts_with(std::to_string(type) + " ")) continue;
    for (auto word : split(line->substr(line->find(' ') + 1), ';')) {
      word.remove_prefix(std::min(word.find_first_not_of(' '), word.size()));
      if (word.starts_with("maxaveragebitrate=") && number(word.substr(18), 510000))
        text += ";" + std::string(word);
    }
    break;
  }
  return text;
}

/// The words of an m= line.
Words media_of(std::string_view value) {
  Words words = split(value, ' ');
  const auto port =
      words.size() < 4 ? std::nullopt : number(words[1].substr(0, words[1].find('/')), 65535);
  if (!port || !is_token(words[0]) || !only(words[2], "/") || !is_token(words[3]))
    refuse(400, "an m= line must be media, port, protocol and formats");
  return words;
}

struct Session {
  Words attributes;
  std::vector<Section> sections;
};

Session session_of(std::string_view sdp) {
  const auto lines = lines_of(sdp);
  if (lines.empty() || lines.front() != "v=0") refuse(400, "it is no SDP: it must begin with v=0");
  Session session;
  for (const auto line : lines) {
    const auto value = line.substr(2);
    if (line[0] == 'a')
      (session.sections.empty() ? session.attributes : session.sections.back().attributes)
          .push_back(value);
    if (line[0] != 'm') continue;
    const Words words = media_of(value);
    if (session.sections.size() == kMostSections)
      refuse(400, "it has more than " + std::to_string(kMostSections) + " m= lines");
    session.sections.push_back(
        {words[0], words[1], words[2], Words(words.begin() + 3, words.end()), {}});
  }
  return session;
}

/// The place of the section that the sound goes to.
std::size_t place_of(const Session& session) {
  bool has_audio = false, has_opus = false, has_port = false;
  for (const auto& section : session.sections) {
    if (section.media != "audio") continue;
    has_audio = true;
    if (!opus_of(section)) continue;
    has_opus = true;
    if (number(section.port, 65535) == 0 && !find(section.attributes, "bundle-only")) continue;
    has_port = true;
    const auto says = [&](std::string_view direction) {
      return find(section.attributes, direction) ||
             (!find(section.attributes, "recvonly") && !find(section.attributes, "sendrecv") &&
              find(session.attributes, direction));
    };
    if (says("sendonly") || says("inactive")) continue;
    return static_cast<std::size_t>(&section - session.sections.data());
  }
  refuse(422, !has_audio  ? "it offers no audio"
              : !has_opus ? "it offers no Opus (a=rtpmap:… opus/48000/2)"
              : !has_port ? "its audio is refused by port 0"
                          : "its audio does not want to receive (a=recvonly)");
}

/// What an offer of sound cannot do without.
struct Terms {
  std::string ufrag, password, fingerprint, setup, mid;
};

Terms terms_of(const Session& session, const Section& sound) {
  const auto ufrag = find(sound, session.attributes, "ice-ufrag");
  const auto password = find(sound, session.attributes, "ice-pwd");
  if (!ufrag || !is_ice(*ufrag, 4)) refuse(400, "a=ice-ufrag is missing or broken");
  if (!password || !is_ice(*password, 22)) refuse(400, "a=ice-pwd is missing or broken");
  const auto fingerprint = find(sound, session.attributes, "fingerprint");
  if (!fingerprint || !is_fingerprint(*fingerprint))
    refuse(400, "a=fingerprint is missing or broken");
  const auto setup = find(sound, session.attributes, "setup");
  if (!setup || (*setup != "actpass" && *setup != "active" && *setup != "passive"))
    refuse(400, "a=setup must be actpass, active or passive");
  const auto mid = find(sound.attributes, "mid");
  if (!mid || !is_token(*mid)) refuse(400, "a=mid is missing or broken");
  if (!find(sound.attributes, "rtcp-mux") && !find(sound.attributes, "rtcp-mux-only"))
    refuse(422, "its audio must say a=rtcp-mux");
  return {std::string(*ufrag), std::string(*password), std::string(*fingerprint),
          std::string(*setup), std::string(*mid)};
}

std::vector<OtherMedia> others_of(const Session& session, const Section& sound,
                                  const std::string& mid) {
  std::vector<OtherMedia> others;
  for (const auto& section : session.sections) {
    if (&section == &sound) continue;
    const auto other = find(section.attributes, "mid").value_or("");
    if (!other.empty() && !is_token(other)) refuse(400, "an a=mid is broken");
    if (!other.empty() && other == mid) refuse(400, "two sections have the same a=mid");
    others.push_back({std::string(section.media), std::string(section.proto),
                      std::string(section.formats.front()), std::string(other)});
  }
  return others;
}

/// The candidates of all sections that share the sound's transport: with BUNDLE, the first section
/// has those of all.
std::vector<std::string> candidates_of(const Session& session, const Terms& terms) {
  std::vector<std::string> candidates;
  for (const auto& section : session.sections) {
    if (find(section, session.attributes, "ice-ufrag") != terms.ufrag) continue;
    for (const auto attribute : section.attributes)
      if (auto candidate = candidate_of(attribute);
          candidate && candidates.size() < kMostCandidates)
        candidates.push_back(*std::move(candidate));
  }
  return candidates;
}

/// An offer of the sound alone, written anew.
std::string own_sdp(const Session& session, const Section& sound, const Terms& terms, int opus) {
  const std::string type = std::to_string(opus);
  std::string text = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
  if (find(session.attributes, "ice-lite")) text += "a=ice-lite\r\n";
  text += "a=group:BUNDLE " + terms.mid + "\r\nm=audio 9 UDP/TLS/RTP/SAVPF " + type +
          "\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:" + terms.ufrag +
          "\r\na=ice-pwd:" + terms.password + "\r\na=fingerprint:" + terms.fingerprint +
          "\r\na=setup:" + terms.setup + "\r\na=mid:" + terms.mid +
          "\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:" + type + " opus/48000/2\r\na=fmtp:" + type +
          " " + format_of(sound, opus) + "\r\n";
  for (const auto& candidate : candidates_of(session, terms)) text += "a=" + candidate + "\r\n";
  return text;
}

Offer offer_of(std::string_view sdp) {
  const Session session = session_of(sdp);
  if (session.sections.empty()) refuse(400, "it has no m= line");
  Offer offer;
  offer.place = place_of(session);
  const Section& sound = session.sections[offer.place];
  offer.payload_type = *opus_of(sound);
  if (sound.proto.find("SAVP") == sound.proto.npos)
    refuse(422, "its audio must be encrypted: UDP/TLS/RTP/SAVPF");
  const Terms terms = terms_of(session, sound);
  offer.ufrag = terms.ufrag;
  offer.password = terms.password;
  offer.others = others_of(session, sound, terms.mid);
  offer.sdp = own_sdp(session, sound, terms, offer.payload_type);
  return offer;
}

/// Whether whole_answer() writes this attribute itself. webrtcbin 1.22 names the MediaStream at the
/// SSRC alone, which RFC 8830 does not know; a browser would see two.
bool is_replaced(std::string_view attribute) {
  if (attribute.starts_with("ssrc:")) {
    const auto space = attribute.find(' ');
    return space == attribute.npos || !attribute.substr(space + 1).starts_with("cname:");
  }
  static constexpr std::array<std::string_view, 5> kOwn{"ice-options", "rtcp-mux-only", "msid",
                                                        "msid-semantic", "end-of-candidates"};
  return std::ranges::any_of(kOwn,
                             [&](auto name) { return value_of(attribute, name).has_value(); });
}

Trickle trickle_of(std::string_view fragment) {
  Trickle trickle;
  for (const auto line : lines_of(fragment)) {
    if (line[0] == 'm') media_of(line.substr(2));
    if (line[0] != 'a') continue;
    const auto attribute = line.substr(2);
    if (const auto password = value_of(attribute, "ice-pwd")) {
      if (!is_ice(*password, 1)) refuse(400, "a=ice-pwd is broken");
      trickle.password = *password;
    }
    if (const auto ufrag = value_of(attribute, "ice-ufrag")) {
      if (!is_ice(*ufrag, 4)) refuse(400, "a=ice-ufrag is broken");
      trickle.ufrag = *ufrag;
    }
    if (!attribute.starts_with("candidate:")) continue;
    if (attribute.size() > 10 && !is_candidate(split(attribute, ' ')))
      refuse(400, "an a=candidate is broken");
    if (const auto candidate = candidate_of(attribute);
        candidate && trickle.candidates.size() < kMostCandidates)
      trickle.candidates.push_back(*candidate);
  }
  return trickle;
}

}  // namespace

Result<Offer, BadOffer> read_offer(std::string_view sdp) {
  try {
    return offer_of(sdp);
  } catch (const Bad& bad) {
    return bad.offer;
  }
}

Result<Trickle, BadOffer> read_trickle(std::string_view fragment) {
  try {
    if (fragment.find_first_not_of("\r\n") == fragment.npos) refuse(400, "it is empty");
    return trickle_of(fragment);
  } catch (const Bad& bad) {
    return bad.offer;
  }
}

std::optional<std::string> whole_answer(const Offer& offer, std::string_view answer) try {
  const Session session = session_of(answer);
  if (session.sections.size() != 1) return {};
  const Section& sound = session.sections.front();
  if (sound.media != "audio" || number(sound.port, 65535).value_or(0) == 0 ||
      !find(sound.attributes, "sendonly"))
    return {};
  const auto refused = [](const OtherMedia& other) {
    return "m=" + other.media + " 0 " + other.proto + " " + other.format +
           "\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\n" +
           (other.mid.empty() ? "" : "a=mid:" + other.mid + "\r\n");
  };
  std::string whole, own;
  for (const auto line : lines_of(answer)) {
    std::string& part = !own.empty() || line[0] == 'm' ? own : whole;
    if (line[0] != 'a' || !is_replaced(line.substr(2))) part += std::string(line) + "\r\n";
  }
  // draft-ietf-wish-whep: no candidate follows the answer, one MediaStream, RTP and RTCP together.
  whole += "a=ice-options:trickle\r\n";
  own += "a=rtcp-mux-only\r\na=msid:infinara audio\r\na=end-of-candidates\r\n";
  for (std::size_t i = 0; i < offer.place; ++i) whole += refused(offer.others[i]);
  whole += own;
  for (std::size_t i = offer.place; i < offer.others.size(); ++i) whole += refused(offer.others[i]);
  return whole;
} catch (const Bad&) {
  return {};
}

}  // namespace infinara::webrtc
