// `micrograd train`: learns, shows how it goes, and leaves on disk what is needed to go on, to predict, and
// to see what was learned.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <system_error>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>
#include <micrograd/train/checkpoint.hpp>
#include "commands.hpp"
#include "learn.hpp"
#include "metrics.hpp"
#include "pictures.hpp"
#include "run_data.hpp"
#include "run_folder.hpp"
#include "terminal.hpp"

namespace micrograd::command {
namespace {

constexpr int interrupted_exit = 130;

volatile std::sig_atomic_t interrupted = 0;

extern "C" void note_interrupt(int /*signal*/) { interrupted = 1; }

/// While it lives, the first Ctrl-C is only noted, and so is the first word that the terminal, or the reader
/// of our output, has gone; a second one ends the program as usual.
class InterruptGuard {
 public:
  InterruptGuard() {
    interrupted = 0;
    struct sigaction action{};
    action.sa_handler = note_interrupt;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &action, &before_[i]);
  }
  ~InterruptGuard() {
    for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &before_[i], nullptr);
  }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  static constexpr std::array signals{SIGINT, SIGTERM, SIGHUP, SIGPIPE};
  std::array<struct sigaction, signals.size()> before_{};
};

struct TrainArguments {
  Settings settings;
  std::vector<std::string> given;  ///< names of the settings on the command line
  std::string out;
  std::string resume;
  double save_every = 2;
};

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

bool gives(const TrainArguments& arguments, const std::string& name) {
  return std::find(arguments.given.begin(), arguments.given.end(), name) != arguments.given.end();
}

/// Throws UsageError unless every setting on the command line is what the run was begun with. Where the data
/// is may have changed; what it is, is compared when it is loaded.
void refuse_changes(const TrainArguments& arguments, const Config& config) {
  const auto got = words_of(arguments.settings), expected = words_of(config.settings);
  for (std::size_t i = 0; i < got.size(); ++i) {
    const std::string& name = got[i].first;
    if (name == "data" || !gives(arguments, name) || got[i].second == expected[i].second) continue;
    throw micrograd::UsageError(fmt::format(
        "train: a run goes on with the settings it began with (got --{0} {1}, expected {2}); leave "
        "out --{0}, or begin a new run",
        name, got[i].second, expected[i].second));
  }
}

class TrainingRun {
 public:
  explicit TrainingRun(const TrainArguments& arguments)
      : arguments_(arguments),
        config_(read_or_make_config()),
        net_(make_checked_net()),
        optimiser_(make_optimiser(config_.settings, net_.parameters())),
        objective_(objective(config_)),
        trainer_(net_, data_.train, *optimiser_, objective_.loss, fit_options(config_),
                 data_.held_out.rows() > 0 ? &data_.held_out : nullptr) {
    // Only now is it certain that the settings make sense, so only now is anything written.
    if (!resumes()) {
      folder_ = begin_run(arguments_.out, config_);
      lock_ = RunLock(folder_);
    }
    open_metrics();
  }

  int run() {
    describe();
    learn();
    if (interrupted != 0 && !trainer_.done()) {
      fmt::print(
          "interrupted in epoch {}; everything is saved. Go on with:\n\n  micrograd train --resume {}\n",
          trainer_.progress().epochs + 1, folder_.path.string());
      return interrupted_exit;
    }
    finish();
    return 0;
  }

 private:
  bool resumes() const { return !arguments_.resume.empty(); }

  Config read_or_make_config() {
    if (!resumes()) {
      data_ = load_data(arguments_.settings);
      Config config{.settings = arguments_.settings, .data = data_.shape};
      config.settings.data = lasting_name(config.settings.data);
      return config;
    }
    folder_ = RunFolder{arguments_.resume};
    Config config = read_config(folder_);
    lock_ = RunLock(folder_);
    for (const auto& file : {folder_.checkpoint(), folder_.metrics()}) micrograd::remove_unfinished(file);
    refuse_changes(arguments_, config);
    data_ = load_same_data(config, gives(arguments_, "data") ? arguments_.settings.data : "");
    return config;
  }

  micrograd::MLP make_checked_net() const {
    const std::filesystem::path file = RunFolder{arguments_.resume}.checkpoint();
    if (!resumes() || !std::filesystem::exists(file)) return make_net(config_);
    return make_net(config_, micrograd::parse_safetensors(micrograd::read_file(file), file.string()),
                    file.string());
  }

  void open_metrics() {
    if (!resumes() ||
        !std::filesystem::exists(folder_.checkpoint())) {  // or it was killed before the first step
      metrics_ = Metrics::create(folder_.metrics());
      return;
    }
    trainer_.resume(micrograd::load_checkpoint(net_, *optimiser_, folder_.checkpoint()));
    metrics_ = Metrics::reopen(folder_.metrics(), trainer_.progress().epochs);
  }

  void save() {
    trainer_.settle();
    micrograd::sync_file(folder_.metrics());  // a checkpoint counts on the epochs that stand there
    micrograd::save_checkpoint(net_, *optimiser_, trainer_.progress(), folder_.checkpoint());
    saved_ = now();
  }

  void describe() const {
    const Settings& settings = config_.settings;
    std::string shape = fmt::format("{}", net_.inputs());
    for (const micrograd::Layer& layer : net_.layers()) shape += fmt::format("-{}", layer.outputs());
    fmt::print("{}: {} rows to learn from, {} held out; {} numbers a row, {}\n", shown_name(settings.data),
               data_.train.rows(), data_.held_out.rows(), net_.inputs(),
               config_.data.csv.classes.empty() ? std::string("a number to predict")
                                                : fmt::format("{} classes", config_.data.csv.classes.size()));
    fmt::print("net {} of {} neurons, {} parameters; {}; {}, learning rate {}; seed {}\n",
               settings.activation, shape, net_.parameters().size(), objective_.name, settings.optimizer,
               settings.lr, settings.seed);
    fmt::print("{}compiled: {}\n", trainer_.compiled() ? "" : "not ", trainer_.how());
    fmt::print("{} {}\n\n", resumes() ? "going on in" : "writing to", folder_.path.string());
    if (trainer_.progress().steps > 0) {
      fmt::print("going on after {} epochs and {} rows\n", trainer_.progress().epochs,
                 trainer_.progress().row);
    }
  }

  /// Until it is done or interrupted; what was learned is then saved, also if it cannot be told any more.
  void learn() {
    const InterruptGuard guard;
    try {
      take_steps();
    } catch (const std::system_error&) {  // of fmt: our output has no reader left
      save();
      throw;
    }
    save();
  }

  void take_steps() {
    ProgressLine line(std::cout, standard_output());
    const double started = now();
    const double share_before = share_done();
    saved_ = started;
    double shown = 0;
    while (!trainer_.done() && interrupted == 0) {
      const micrograd::Step step = trainer_.step_ahead();
      if (step.ends_epoch) {
        const micrograd::Epoch epoch = trainer_.end_epoch();
        seconds_ = epoch.seconds;
        ++epochs_made_;
        const EpochRecord record = record_of(epoch);
        metrics_.add(record);
        line.clear();
        print_epoch(record);
      }
      const double moment = now();
      if (moment - saved_ >= arguments_.save_every) save();
      if (moment - shown < 0.1) continue;
      shown = moment;
      const double done = share_done();
      const double left = (moment - started) / (done - share_before) * (1 - done);
      line.set_columns(standard_output().columns);
      line.show(fmt::format("epoch {}/{}", trainer_.progress().epochs + (step.ends_epoch ? 0 : 1),
                            config_.settings.epochs),
                done, fmt::format("loss {:.4g}{}  {} left", step.loss, accuracy_so_far(), duration(left)));
    }
    line.clear();
  }

  /// Of the last epoch; nothing where it is unknown, or the terminal has no room for it.
  std::string accuracy_so_far() const {
    constexpr std::size_t narrow = 60;
    if (metrics_.records().empty() || standard_output().columns < narrow) return "";
    const double accuracy = metrics_.records().back().held_out_accuracy;
    return std::isnan(accuracy) ? "" : fmt::format("  accuracy {:.1f} %", 100 * accuracy);
  }

  double share_done() const {
    const micrograd::Progress& progress = trainer_.progress();
    const double row_share = static_cast<double>(progress.row) / static_cast<double>(data_.train.rows());
    return (static_cast<double>(progress.epochs) + row_share) / static_cast<double>(config_.settings.epochs);
  }

  /// About 20 lines a run, each within 40 columns.
  void print_epoch(const EpochRecord& record) {
    const std::size_t epochs = config_.settings.epochs;
    const std::size_t every = (epochs + 19) / 20;
    if (record.epoch % every != 0 && record.epoch != 1 && !trainer_.done()) return;
    if (!table_begun_) {
      fmt::print("{:>6}  {:>9}  {:>9}  {:>8}\n", "epoch", "loss", "held out", "accuracy");
      table_begun_ = true;
    }
    const auto cell = [](double value, const char* format) {
      return std::isnan(value) ? std::string("-") : fmt::format(fmt::runtime(format), value);
    };
    fmt::print("{:>6}  {:>9}  {:>9}  {:>8}\n", record.epoch, cell(record.loss, "{:.4g}"),
               cell(record.held_out_loss, "{:.4g}"), cell(100 * record.held_out_accuracy, "{:.1f} %"));
    std::fflush(stdout);
  }

  /// Returns the classes predicted, if there are any.
  std::vector<std::size_t> describe_result() {
    const bool held_out = data_.held_out.rows() > 0;
    const micrograd::Dataset& data = held_out ? data_.held_out : data_.train;
    if (data.labels.empty()) return {};
    micrograd::Evaluation found = trainer_.evaluate(data);
    fmt::print("\n{:.1f} % of the {} {} rows are told rightly\n", 100 * found.accuracy, data.rows(),
               held_out ? "held-out" : "training");
    return std::move(found.predicted);
  }

  /// Where that takes long enough to be of interest.
  void print_time() const {
    constexpr std::size_t many_rows = 10'000;
    if (data_.train.rows() < many_rows || epochs_made_ == 0) return;
    fmt::print("\n{:.2f} s an epoch\n", seconds_ / static_cast<double>(epochs_made_));
  }

  void finish() {
    const micrograd::Progress& progress = trainer_.progress();
    const bool gave_up = progress.epochs < config_.settings.epochs;
    if (gave_up) {
      fmt::print("\nstopped after epoch {}: no better one in {} epochs\n", progress.epochs,
                 config_.settings.patience);
    }
    if (!progress.best_parameters.empty() && progress.stale > 0) {
      trainer_.restore_best();
      fmt::print("{}the weights are those of epoch {}, the best one\n", gave_up ? "" : "\n",
                 progress.epochs - progress.stale);
    }
    print_time();
    const std::vector<std::size_t> predicted = describe_result();
    fmt::print("\nwritten to {}:\n", folder_.path.string());
    for (const char* const name : {"config.json", "checkpoint.safetensors", "metrics.csv"})
      fmt::print("  {}\n", name);
    const PictureSource source{.config = config_,
                               .net = net_,
                               .loss_name = objective_.name,
                               .train = data_.train,
                               .held_out = data_.held_out,
                               .metrics = metrics_.records(),
                               .predicted = predicted};
    for (const Picture& picture : draw_pictures(source, folder_.path)) {
      fmt::print("  {:<16}{}\n", picture.name, picture.shows);
    }
    fmt::print("\npredict with:  micrograd predict {} FILE\n", folder_.path.string());
  }

  const TrainArguments& arguments_;
  RunFolder folder_;
  RunLock lock_;
  Data data_;
  Config config_;
  micrograd::MLP net_;
  std::unique_ptr<micrograd::Optimiser> optimiser_;
  Objective objective_;
  micrograd::Trainer trainer_;
  Metrics metrics_;
  double saved_ = 0;
  double seconds_ = 0;  ///< of the epochs made here
  std::size_t epochs_made_ = 0;
  bool table_begun_ = false;
};

}  // namespace

void add_train_command(CLI::App& app, Run& run) {
  CLI::App* const command = app.add_subcommand("train", "train a net on data and keep the run in a folder");
  const auto arguments = std::make_shared<TrainArguments>();
  for_each_setting(arguments->settings, [command](const char* name, auto& value, const char* help) {
    if constexpr (std::is_same_v<decltype(value), bool&>) {
      command->add_flag(fmt::format("--{},!--no-{}", name, name), value, help)->capture_default_str();
    } else {
      CLI::Option* const option = command->add_option(fmt::format("--{}", name), value, help);
      option->capture_default_str();
      if constexpr (std::is_same_v<decltype(value), std::size_t&> ||
                    std::is_same_v<decltype(value), std::vector<std::size_t>&>) {
        // The command line's reader would make 2^64 - 1 of a -1.
        option->check([](const std::string& text) {
          return text.starts_with('-') ? "expected a whole number, 0 or more (got " + text + ")"
                                       : std::string();
        });
      }
      if constexpr (requires {
                      value.push_back({});
                      value.pop_back();
                    } && !std::is_same_v<decltype(value), std::string&>) {
        option->delimiter(',');
      }
    }
  });
  command->add_option("--out", arguments->out,
                      "folder of the run; runs/NAME-1 or the next that is free by default");
  command->add_option("--resume", arguments->resume,
                      "go on with the run in this folder; --data says where its file is if that has moved");
  command
      ->add_option("--save-every", arguments->save_every, "seconds between checkpoints; 0: after every step")
      ->capture_default_str();
  command->footer(
      "Ctrl-C saves and says how to go on.\n\nExamples:\n"
      "  micrograd train --data moons --loss hinge --optimizer sgd --lr 0.1 --l2 1e-4\n"
      "  micrograd train --data digits --model 32 --epochs 20 --lr 3e-3\n"
      "  micrograd train --data flowers.csv --label species --missing mean --patience 10\n"
      "  micrograd train --data train-images-idx3-ubyte.gz,train-labels-idx1-ubyte.gz");
  command->callback([command, arguments, &run] {
    for_each_setting(arguments->settings, [&](const char* name, const auto& /*value*/, const char* /*help*/) {
      if (command->get_option(fmt::format("--{}", name))->count() > 0) arguments->given.emplace_back(name);
    });
    if (command->get_option("--resume")->count() > 0 && arguments->resume.empty()) {
      throw micrograd::UsageError("train: --resume needs the folder of a run (got an empty word)");
    }
    if (!(arguments->save_every >= 0)) {
      throw micrograd::UsageError(fmt::format(
          "train: --save-every is out of range (got {}, expected 0 or more)", arguments->save_every));
    }
    if (!arguments->resume.empty() && !arguments->out.empty()) {
      throw micrograd::UsageError("train: a run that goes on stays in its folder (got --resume " +
                                  arguments->resume + " and --out " + arguments->out + ")");
    }
    run = [arguments] { return TrainingRun(*arguments).run(); };
  });
}

}  // namespace micrograd::command
