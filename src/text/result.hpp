// SPDX-License-Identifier: Apache-2.0
// What a function returns that may fail for a reason: a value, or the reason. Where no reason is
// asked for, std::optional is plainer.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>
#include <variant>

namespace infinara {

/// As std::expected of C++23, but that a value and a reason are returned alike: their types differ.
template <class T, class E>
class [[nodiscard]] Result {
  static_assert(!std::same_as<T, E>);
  using Either = std::variant<T, E>;

 public:
  template <class From>
  requires(!std::same_as<std::remove_cvref_t<From>, Result> &&
           std::constructible_from<Either, From>) Result(From&& from)
      : either_(std::forward<From>(from)) {}

  /// Whether there is a value.
  explicit operator bool() const { return either_.index() == 0; }

  // Each throws std::bad_variant_access if it is the other.
  const T& operator*() const& { return std::get<0>(either_); }
  T& operator*() & { return std::get<0>(either_); }
  T&& operator*() && { return std::get<0>(std::move(either_)); }
  const T* operator->() const { return &**this; }
  T* operator->() { return &**this; }
  const E& error() const& { return std::get<1>(either_); }
  E&& error() && { return std::get<1>(std::move(either_)); }

  bool operator==(const Result&) const = default;

 private:
  Either either_;
};

}  // namespace infinara
