#include "server/server.hpp"

#include <grpcpp/grpcpp.h>
#include <grpcpp/security/server_credentials.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <future>
#include <utility>

#include "server/call_log.hpp"
#include "server/control_service.hpp"
#include "server/database.hpp"
#include "server/log.hpp"
#include "server/monitoring_service.hpp"
#include "server/node_services.hpp"
#include "server/operations_service.hpp"
#include "server/streams_service.hpp"
#include "server/users_service.hpp"
#include "server/v2_service.hpp"

namespace kurrentlite::server {
namespace {

/// What one message may hold: a whole append of version 2 with what surrounds its records, so that one that is too large
/// can be told how large it is. Version 1 has a limit of its own.
int message_bytes_max(const ServerOptions& options) {
  constexpr std::uint64_t kSurroundings = std::uint64_t{16} << 20;
  return static_cast<int>(std::min<std::uint64_t>(options.append_size_max_bytes, INT_MAX - kSurroundings) + kSurroundings);
}

std::shared_ptr<grpc::ServerCredentials> credentials_of(const ServerOptions& options) {
  if (options.certificate.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions tls(options.trusted_roots.empty()
                                            ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                            : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = options.trusted_roots;
  tls.pem_key_cert_pairs.push_back({options.private_key, options.certificate});
  return grpc::SslServerCredentials(tls);
}

}  // namespace

struct Server::Parts {
  explicit Parts(const ServerOptions& given)
      : options(given),
        database({.append_size_max_bytes = given.append_size_max_bytes, .fresh_events = true}, !given.certificate.empty(),
                 given.users),
        streams(database), v2_streams(database), control(database), users(database),
        operations(database, given.on_shutdown), monitoring(database) {}

  ServerOptions options;
  Database database;
  StreamsService streams;
  V2StreamsService v2_streams;
  ControlService control;
  UsersService users;
  OperationsService operations;
  MonitoringService monitoring;
  ServerFeaturesService features;
  GossipService gossip;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options) {
  auto parts = std::make_unique<Parts>(options);
  std::promise<Result<void>> stored;
  parts->database.engine.post([&](Engine& engine) { stored.set_value(parts->database.first_users.store(engine)); });
  if (Result<void> users = stored.get_future().get(); !users) return std::move(users).error();
  grpc::ServerBuilder builder;
  const std::string address = options.bind + ":" + std::to_string(options.port);
  builder.AddListeningPort(address, credentials_of(options), &parts->port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Clients may ping as often as they like.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
  // No pings that measure the line: a client's answer to one holds up its next request (see SingleRequestCall::start). Without
  // them what may be on its way to a call stays as it is here.
  constexpr int kWindowBytes = 1 << 20;
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kWindowBytes);
  builder.SetMaxReceiveMessageSize(message_bytes_max(options));
  builder.SetMaxSendMessageSize(-1);
  for (grpc::Service* service : std::initializer_list<grpc::Service*>{&parts->streams, &parts->v2_streams,
                                                                     &parts->control, &parts->users, &parts->operations,
                                                                     &parts->monitoring, &parts->features, &parts->gossip}) {
    builder.RegisterService(service);
  }
  if (log::enabled(log::Level::Debug)) builder.experimental().SetInterceptorCreators(call_log());
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr || parts->port == 0) {
    return Error{ErrorCode::InvalidArgument, "Cannot listen on " + address + ": the port is taken, or the certificate cannot be used.",
                 {{"field", std::string("port")}}};
  }
  parts->operations.advertise(options.bind + ":" + std::to_string(parts->port));
  parts->gossip.advertise(options.bind, static_cast<std::uint32_t>(parts->port));
  auto server = std::unique_ptr<Server>(new Server(std::move(parts)));
  log::write(log::Level::Info, "listening " + server->connection_string());
  return server;
}

Server::~Server() {
  log::write(log::Level::Info, "ending");
  // Nobody waits for injected delays any more.
  parts_->database.engine.hurry();
  parts_->database.open_calls.end_all(std::chrono::milliseconds(100));
  // What is still open after a moment is cancelled.
  parts_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
  parts_->server->Wait();
  log::write(log::Level::Info, "ended");
}

std::uint16_t Server::port() const { return static_cast<std::uint16_t>(parts_->port); }

std::string Server::connection_string() const {
  const char* const tls = parts_->options.certificate.empty() ? "false" : "true";
  return "kurrentdb://" + parts_->options.bind + ":" + std::to_string(parts_->port) + "?tls=" + tls;
}

}  // namespace kurrentlite::server
