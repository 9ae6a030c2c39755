// SPDX-License-Identifier: Apache-2.0
// What can go wrong with one order at an ACE-Step server, by name: one table for the double, its
// command line and the tests that must survive every row.
#pragma once

#include <span>
#include <string_view>

namespace support {

enum class Fault {
  kNone,
  // the answer to /release_task
  kSubmitBusy,
  kSubmitUnauthorised,
  kSubmitTextError,
  kSubmitControl,
  kSubmitHtml,
  kSubmitGarbage,
  kSubmitCut,
  kSubmitHang,
  kSubmitHuge,
  kSubmitDeep,
  kSubmitEndless,
  kSubmitSlow,
  kSubmitHeaders,
  // the job
  kOutOfMemory,
  kNanInModel,
  kSilent,
  kLost,
  kHang,
  kStall,
  kLate,
  kDie,
  kDieGently,
  kRestart,
  kForgotten,
  kBehind,
  // the next two answers to /query_result that would tell of this job
  kQueryTextError,
  kQueryUnauthorised,
  kQueryGarbage,
  kQueryCut,
  kQueryHang,
  kQueryHuge,
  kQueryDeep,
  kQueryDeepResult,
  kQueryWrongTypes,
  kQueryEndless,
  kQuerySlow,
  kQueryHeaders,
  kQueryGzip,
  kQueryRedirect,
  // `file` and texts of the result
  kControlCharacters,
  kPathDots,
  kPathAbsolute,
  kPathEncoded,
  kPathLink,
  kPathFifo,
  kPathZero,
  kPathSparse,
  kPathElsewhere,
  // the answer to /v1/audio
  kFetchUnauthorised,
  kFetchForbidden,
  kFetchNotFound,
  kFetchTextError,
  kFetchHtml,
  kFetchHtmlAsAudio,
  kFetchEmpty,
  kFetchCut,
  kFetchHang,
  kFetchSlow,
  kFetchEndless,
  kFetchGiant,
  kFetchRedirect,
  kFetchLoop,
  kFetchMoved,
  kFetchHeaders,
  kFetchGzip,
  // the sound in the file
  kHalfSilent,
  kHole,
  kQuiet,
  kShort,
  kHalfLength,
  kTruncated,
  kNanSamples,
  kClipped,
  kOffset,
  kForeign,
  kWrongExtension,
  kDeadAir,
  kGarbled,
  kLoop,
  kOffTempo,
  kWav32,
  kOpus,
  kAac,
  // the whole server, in the middle of the job
  kStop,
  kLast = kStop,
};

struct FaultRow {
  Fault fault;
  std::string_view name;  // for the command line
  bool is_survivable;     // the very same job still yields a track that may go on air
  std::string_view meaning;
};

/// All rows, in the order of the enum.
std::span<const FaultRow> faults();
const FaultRow& row_of(Fault fault);
/// The row of this name, or nullptr.
const FaultRow* fault_named(std::string_view name);

}  // namespace support
