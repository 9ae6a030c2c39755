// SPDX-License-Identifier: Apache-2.0
#include "support/acestep_faults.hpp"

#include <array>

namespace support {
namespace {

using enum Fault;

constexpr std::array kRows = {
    FaultRow{kNone, "none", true, "a good track"},
    FaultRow{kSubmitBusy, "busy", false, "429: the queue is full"},
    FaultRow{kSubmitUnauthorised, "submit-401", false, "the key is not accepted for this order"},
    FaultRow{kSubmitTextError, "submit-500", false, "500 as plain text"},
    FaultRow{kSubmitControl, "submit-control", false, "400 with CR, LF, NUL and ESC in the reason"},
    FaultRow{kSubmitHtml, "submit-html", false, "a proxy's 502 page"},
    FaultRow{kSubmitGarbage, "submit-garbage", false, "200 and no JSON; the order is lost"},
    FaultRow{kSubmitCut, "submit-cut", false, "order taken, connection cut before the answer"},
    FaultRow{kSubmitHang, "submit-hang", false, "order taken, never answered"},
    FaultRow{kSubmitHuge, "submit-huge", false, "order taken, answered with 200 MB of JSON"},
    FaultRow{kSubmitDeep, "submit-deep", false, "order taken, answered with a million brackets"},
    FaultRow{kSubmitEndless, "submit-endless", false,
             "order taken, answered with JSON without an end"},
    FaultRow{kSubmitSlow, "submit-slow", false, "order taken, answered a byte a second"},
    FaultRow{kSubmitHeaders, "submit-headers", false,
             "order taken, answered with header lines without an end"},
    FaultRow{kOutOfMemory, "oom", false, "the job fails after a third of its time"},
    FaultRow{kNanInModel, "nan-model", false, "the job fails at its end"},
    FaultRow{kSilent, "silent", false, "status 1 with an empty file name"},
    FaultRow{kLost, "lost", false, "the job is forgotten: \"[]\" for ever"},
    FaultRow{kHang, "hang", false, "the job never moves again and blocks the queue; /health is ok"},
    FaultRow{kStall, "stall", false, "the job rests at 0.8 for ever and blocks the queue"},
    FaultRow{kLate, "late", true, "status 2 by the timeout rule, then 1"},
    FaultRow{kDie, "die", false, "the server dies in the job and is restarted"},
    FaultRow{kDieGently, "die-gently", false, "the same by SIGTERM: frozen at 0.99"},
    FaultRow{kRestart, "restart", false,
             "restarted in the job, too quickly for anybody to be refused"},
    FaultRow{kForgotten, "forgotten", false,
             "waits behind another's when the server dies: \"[]\" for ever"},
    FaultRow{kBehind, "behind", true, "waits until another's order is done"},
    FaultRow{kQueryTextError, "query-500", true, "two polls: 500 as plain text"},
    FaultRow{kQueryUnauthorised, "query-401", true, "two polls: 401"},
    FaultRow{kQueryGarbage, "query-garbage", true, "two polls: no JSON"},
    FaultRow{kQueryCut, "query-cut", true, "two polls: the connection is cut half way"},
    FaultRow{kQueryHang, "query-hang", true, "two polls: no answer"},
    FaultRow{kQueryHuge, "query-huge", true, "two polls: 200 MB of JSON"},
    FaultRow{kQueryDeep, "query-deep", true, "two polls: a million brackets"},
    FaultRow{kQueryDeepResult, "query-deep-result", true, "two polls: brackets inside `result`"},
    FaultRow{kQueryWrongTypes, "query-types", true, "two polls: each field of another type"},
    FaultRow{kQueryEndless, "query-endless", true, "two polls: JSON without an end"},
    FaultRow{kQuerySlow, "query-slow", true, "two polls: a byte a second"},
    FaultRow{kQueryHeaders, "query-headers", true, "two polls: header lines without an end"},
    FaultRow{kQueryGzip, "query-gzip", true, "two polls: 2 GB in 2 MB of gzip"},
    FaultRow{kQueryRedirect, "query-redirect", true, "two polls: 302 to another host"},
    FaultRow{kControlCharacters, "control", true, "CR, LF, NUL, ESC and markup in the texts"},
    FaultRow{kPathDots, "path-dots", false, "`file` climbs out by .."},
    FaultRow{kPathAbsolute, "path-absolute", false, "`file` names /etc/passwd"},
    FaultRow{kPathEncoded, "path-encoded", false, "`file` climbs out by .. that is encoded twice"},
    FaultRow{kPathLink, "path-link", false, "`file` is a symbolic link out of the folder"},
    FaultRow{kPathFifo, "path-fifo", false, "`file` is a FIFO"},
    FaultRow{kPathZero, "path-zero", false, "`file` is a link to /dev/zero"},
    FaultRow{kPathSparse, "path-sparse", false, "`file` is 10 GB of nothing"},
    FaultRow{kPathElsewhere, "path-elsewhere", false, "`file` is a URL of another host"},
    FaultRow{kFetchUnauthorised, "fetch-401", false, "the download answers 401"},
    FaultRow{kFetchForbidden, "fetch-403", false, "the download answers 403"},
    FaultRow{kFetchNotFound, "fetch-404", false, "the file has been deleted"},
    FaultRow{kFetchTextError, "fetch-500", false, "the download answers 500 as plain text"},
    FaultRow{kFetchHtml, "fetch-html", false, "a page of HTML with status 200"},
    FaultRow{kFetchHtmlAsAudio, "fetch-html-as-audio", false, "the page is called audio/mpeg"},
    FaultRow{kFetchEmpty, "fetch-empty", false, "audio/mpeg of 0 bytes"},
    FaultRow{kFetchCut, "fetch-cut", false, "cut after half of the bytes"},
    FaultRow{kFetchHang, "fetch-hang", false, "no byte after half of them"},
    FaultRow{kFetchSlow, "fetch-slow", false, "a byte a second"},
    FaultRow{kFetchEndless, "fetch-endless", false, "bytes without an end or a length"},
    FaultRow{kFetchGiant, "fetch-giant", false, "Content-Length of 10 GB"},
    FaultRow{kFetchRedirect, "fetch-redirect", false, "302 to another host"},
    FaultRow{kFetchLoop, "fetch-loop", false, "302 to itself"},
    FaultRow{kFetchMoved, "fetch-moved", true, "302 to another place of the same server"},
    FaultRow{kFetchHeaders, "fetch-headers", false, "header lines without an end"},
    FaultRow{kFetchGzip, "fetch-gzip", false, "2 GB in 2 MB of gzip"},
    FaultRow{kHalfSilent, "half-silent", false, "the second half is silent"},
    FaultRow{kHole, "hole", false, "3 s of silence in the middle"},
    FaultRow{kQuiet, "quiet", false, "65 dB too quiet"},
    FaultRow{kShort, "short", false, "0.1 s long"},
    FaultRow{kHalfLength, "half-length", false, "half as long as ordered"},
    FaultRow{kTruncated, "truncated", false, "the file ends after 60 % of its bytes"},
    FaultRow{kNanSamples, "nan", false, "float WAV with NaN in it"},
    FaultRow{kClipped, "clipped", false, "40 dB over full scale"},
    FaultRow{kOffset, "offset", false, "half of full scale as direct current"},
    FaultRow{kForeign, "foreign", false, "a ZIP archive by the name of a track"},
    FaultRow{kWrongExtension, "wrong-extension", true, "FLAC by the name of MP3, or the reverse"},
    FaultRow{kDeadAir, "dead-air", true, "1.5 s of silence before and 2 s after the music"},
    FaultRow{kGarbled, "garbled", false, "noise, as DCW makes of a base model"},
    FaultRow{kLoop, "loop", false, "one second of music over and over"},
    FaultRow{kOffTempo, "off-tempo", true, "7 % slower than ordered"},
    FaultRow{kWav32, "wav32", true, "32-bit float WAV, whatever was asked"},
    FaultRow{kOpus, "opus", true, "Ogg Opus, whatever was asked"},
    FaultRow{kAac, "aac", false, "AAC (ADTS), whatever was asked"},
    FaultRow{kStop, "stop", true, "the server answers nothing for a while, and goes on"},
};

static_assert(kRows.size() == static_cast<std::size_t>(kLast) + 1);
static_assert([] {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (kRows[i].fault != static_cast<Fault>(i)) return false;
  return true;
}());

}  // namespace

std::span<const FaultRow> faults() {
  return kRows;
}

const FaultRow& row_of(Fault fault) {
  return kRows[static_cast<std::size_t>(fault)];
}

const FaultRow* fault_named(std::string_view name) {
  for (const FaultRow& row : kRows)
    if (row.name == name) return &row;
  return nullptr;
}

}  // namespace support
