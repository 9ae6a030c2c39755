// SPDX-License-Identifier: Apache-2.0
// SQLite seen from C++: connection and statements with an owner, errors as exceptions.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace infinara::memory {

/// what() is SQLite's own sentence.
class DatabaseError : public std::runtime_error {
 public:
  DatabaseError(int code, const std::string& why) : std::runtime_error(why), code_(code) {}
  int code() const { return code_; }  // SQLite's, without its extension

 private:
  int code_;
};

/// One row of an answer; columns count from 0.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  std::int64_t whole(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string text(int column) const;
  /// Nothing for NULL.
  template <class T>
  std::optional<T> maybe(int column) const {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
    if constexpr (std::is_floating_point_v<T>)
      return static_cast<T>(sqlite3_column_double(statement_, column));
    else
      return static_cast<T>(whole(column));
  }

 private:
  sqlite3_stmt* statement_;
};

/// One thread at a time. All of it throws DatabaseError.
class Database {
 public:
  /// Opens the file at `path`, or makes it.
  explicit Database(const std::string& path);

  using EachRow = std::function<void(const Row&)>;

  /// Runs one statement with `values` in place of its question marks: whole numbers, doubles, texts
  /// and optionals of them.
  template <class... Values>
  void run(std::string_view sql, const Values&... values) {
    query(
        sql, [](const Row&) {}, values...);
  }
  /// The same, and calls `each` with each row of the answer.
  template <class... Values>
  void query(std::string_view sql, const EachRow& each, const Values&... values) {
    const Statement statement = prepare(sql);
    int place = 0;
    (check(bind(statement.get(), ++place, values)), ...);
    step(statement.get(), each);
  }
  /// Runs all statements of a text.
  void run_all(const char* sql);

  std::int64_t number(std::string_view sql);

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Close>;

  void check(int code) const;
  Statement prepare(std::string_view sql);
  void step(sqlite3_stmt* statement, const EachRow& each);

  static int bind(sqlite3_stmt* to, int place, std::int64_t value) {
    return sqlite3_bind_int64(to, place, value);
  }
  static int bind(sqlite3_stmt* to, int place, double value) {
    return sqlite3_bind_double(to, place, value);
  }
  static int bind(sqlite3_stmt* to, int place, const std::string& value) {
    return sqlite3_bind_text64(to, place, value.data(), value.size(), SQLITE_TRANSIENT,
                               SQLITE_UTF8);
  }
  template <class T>
  static int bind(sqlite3_stmt* to, int place, const std::optional<T>& value) {
    return value ? bind(to, place, *value) : sqlite3_bind_null(to, place);
  }

  std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace infinara::memory
