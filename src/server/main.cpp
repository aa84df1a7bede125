#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/control_command.hpp"
#include "server/log.hpp"
#include "server/server.hpp"

namespace {

/// Empty when the file cannot be read.
std::optional<std::string> content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content;
  char part[4096];
  // Not by iterators: they throw where the path is a folder's.
  while (file.read(part, sizeof part) || file.gcount() > 0) content.append(part, static_cast<std::size_t>(file.gcount()));
  if (!file.eof()) return std::nullopt;
  return content;
}

int complain(const std::string& problem) {
  std::fprintf(stderr, "kurrentlite: %s\n", problem.c_str());
  return 1;
}

struct Files {
  std::string certificate;
  std::string private_key;
  std::string trusted_roots;
  std::string users;
};

/// Reads the files into `options`. Answers what is wrong with one.
std::optional<std::string> read_files(const Files& files, kurrentlite::server::ServerOptions& options) {
  const std::pair<const std::string*, std::string*> wanted[] = {{&files.certificate, &options.certificate},
                                                                {&files.private_key, &options.private_key},
                                                                {&files.trusted_roots, &options.trusted_roots}};
  for (const auto& [path, content] : wanted) {
    if (path->empty()) continue;
    std::optional<std::string> read = content_of(*path);
    if (!read) return "cannot read " + *path;
    *content = *std::move(read);
  }
  if (files.users.empty()) return std::nullopt;
  const std::optional<std::string> content = content_of(files.users);
  if (!content) return "cannot read " + files.users;
  kurrentlite::Result<std::vector<kurrentlite::server::UserEntry>> users = kurrentlite::server::read_users_file(*content);
  if (!users) return files.users + ": " + users.error().message;
  options.users = std::move(users).value();
  return std::nullopt;
}

int serve(kurrentlite::server::ServerOptions options) {
  // Signals are taken by this thread alone: blocked before any other begins.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  options.on_shutdown = [] { kill(getpid(), SIGTERM); };
  const auto server = kurrentlite::server::Server::start(options);
  if (!server) return complain(server.error().message);
  std::printf("listening %s\n", server.value()->connection_string().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}

int reset(kurrentlite::server::ControlTarget target, const std::string& roots) {
  if (!roots.empty()) {
    std::optional<std::string> read = content_of(roots);
    if (!read) return complain("cannot read " + roots);
    target.trusted_roots = *std::move(read);
  }
  const kurrentlite::Result<void> done = kurrentlite::server::reset_database(target);
  return done ? 0 : complain(done.error().message);
}

}  // namespace

int main(int argc, char** argv) {
  using kurrentlite::server::log::level_of;
  kurrentlite::server::log::set_level(kurrentlite::server::log::Level::Warn);
  CLI::App app("KurrentDB's protocol on an in-memory database", "kurrentlite");
  app.set_version_flag("--version", "kurrentlite " KURRENTLITE_VERSION);
  app.require_subcommand(1);
  CLI::App* const command = app.add_subcommand("serve", "Serves an empty database until SIGINT or SIGTERM");
  kurrentlite::server::ServerOptions options;
  Files files;
  bool insecure = false;
  command->add_option("--port", options.port, "Port to listen on; 0 takes a free one")->capture_default_str();
  command->add_option("--bind", options.bind, "Address to listen on")->capture_default_str();
  command->add_flag("--insecure", insecure, "No encryption and no users: everybody may do everything");
  command->add_option("--max-append-size", options.append_size_max_bytes, "Bytes that one append may bring")
      ->capture_default_str();
  command->add_option("--certificate", files.certificate, "The server's certificate (PEM)");
  command->add_option("--private-key", files.private_key, "The certificate's key (PEM)");
  command->add_option("--trusted-roots", files.trusted_roots, "Who signs clients' certificates (PEM)");
  command->add_option("--users-file", files.users,
                      "Users there are from the beginning: a JSON array of {login, password, fullName?, groups?}");
  command->add_option("--log-level", "What is told on stderr: debug (every call), info, warn, error or off")
      ->default_str("warn")
      ->check([](const std::string& name) { return level_of(name) ? "" : name + " is none of debug, info, warn, error, off"; })
      ->each([](const std::string& name) { kurrentlite::server::log::set_level(*level_of(name)); });
  CLI::App* const control = app.add_subcommand("ctl", "Works on a running server");
  control->require_subcommand(1);
  control->add_subcommand("reset", "Empties its database")->fallthrough();
  kurrentlite::server::ControlTarget target{"127.0.0.1:2113", {}, {}, {}};
  std::string roots;
  control->add_option("--address", target.address, "Where it listens, host:port")->capture_default_str();
  control->add_option("--trusted-roots", roots, "Who signed its certificate (PEM); without, the connection is insecure");
  control->add_option("--login", target.login, "An administrator, where users are checked");
  control->add_option("--password", target.password, "The administrator's password");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return app.exit(version);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "kurrentlite: %s\n", error.what());
    return 2;
  }
  if (control->parsed()) return reset(std::move(target), roots);
  if (insecure == !files.certificate.empty() || files.certificate.empty() != files.private_key.empty()) {
    std::fprintf(stderr, "kurrentlite: give either --insecure, or --certificate and --private-key.\n");
    return 2;
  }
  if (const auto problem = read_files(files, options)) return complain(*problem);
  return serve(std::move(options));
}
