// The peer of `cargo xtask bench shortest-path`: a straightforward program around Boost's dijkstra_shortest_paths.
// It reads TNTP by itself and shares no code with examples/shortest-path, so that it checks the reader, too.
//
//   boost NETWORK WEIGHT GRAPH FIRST COUNT [DISTANCES]
//
// WEIGHT: free-flow-time | length. GRAPH: csr | adjacency. Origins FIRST … FIRST + COUNT - 1 count from 0.
// Prints one line of JSON. With DISTANCES it also writes all distances there, as doubles by origin and destination
// (infinity: no path) and, outside the measured time, the checksum that examples/shortest-path/README.md defines;
// `-` for DISTANCES gives the checksum alone.

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using Clock = std::chrono::steady_clock;

struct Network {
    std::size_t nodes = 0;
    std::size_t first_through = 0;  // nodes below it may not be passed; they are split in two
    int decimals = 0;
    std::vector<std::pair<std::size_t, std::size_t>> links;
    std::vector<double> weights;

    std::size_t vertices() const { return nodes + first_through; }
    // Where paths from a node start: a node that may not be passed sends from a vertex that nothing leads to.
    std::size_t source(std::size_t node) const { return node < first_through ? nodes + node : node; }
};

static int decimals_of(const std::string& number) {
    auto point = number.find('.');
    if (point == std::string::npos) return 0;
    return static_cast<int>(number.find_last_not_of('0') + 1 - point) - 1;
}

static Network read(const char* path, bool by_length) {
    Network network;
    std::ifstream file(path);
    if (!file) throw std::runtime_error(std::string("cannot read ") + path);
    std::string line;
    bool header = true;
    while (std::getline(file, line)) {
        if (header) {
            auto value = line.substr(line.find('>') == std::string::npos ? 0 : line.find('>') + 1);
            if (line.rfind("<NUMBER OF NODES>", 0) == 0) network.nodes = std::stoul(value);
            if (line.rfind("<FIRST THRU NODE>", 0) == 0) network.first_through = std::stoul(value) - 1;
            if (line.rfind("<END OF METADATA>", 0) == 0) header = false;
            continue;
        }
        std::istringstream fields(line);
        std::size_t from, to;
        std::string capacity, length, time;
        if (!(fields >> from >> to >> capacity >> length >> time)) continue;
        const std::string& weight = by_length ? length : time;
        network.decimals = std::max(network.decimals, decimals_of(weight));
        network.links.emplace_back(network.source(from - 1), to - 1);
        network.weights.push_back(std::stod(weight));
    }
    return network;
}

static std::uint64_t mix(std::uint64_t value) {
    std::uint64_t z = value + 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

struct Totals {
    std::uint64_t pairs = 0;
    double sum = 0;
    double max = 0;
    std::uint64_t checksum = 0;
};

static std::uint64_t signature(const Network& network, std::size_t origin, const std::vector<double>& distance) {
    std::uint64_t sum = 0;
    double unit = std::pow(10.0, network.decimals);
    for (std::size_t node = 0; node < network.nodes; ++node) {
        if (node == origin || std::isinf(distance[node])) continue;
        sum += (static_cast<std::uint64_t>(std::llround(distance[node] * unit)) + 1) * mix(node);
    }
    return mix(mix(origin) ^ sum);
}

template <class Graph, class Weights>
static double run(const Network& network, const Graph& graph, Weights weights, std::size_t first, std::size_t count,
                  const char* output, Totals& totals) {
    const double infinity = std::numeric_limits<double>::infinity();
    std::vector<double> distance(network.vertices());
    std::vector<std::size_t> parent(network.vertices());
    std::ofstream file;
    if (output && std::string(output) != "-") file.open(output, std::ios::binary);
    auto index = boost::get(boost::vertex_index, graph);
    auto distances = boost::make_iterator_property_map(distance.begin(), index);
    auto parents = boost::make_iterator_property_map(parent.begin(), index);
    double seconds = 0;
    for (std::size_t origin = first; origin < first + count; ++origin) {
        auto start = Clock::now();
        boost::dijkstra_shortest_paths(
            graph, network.source(origin),
            boost::weight_map(weights).distance_map(distances).predecessor_map(parents).distance_inf(infinity));
        distance[origin] = 0;
        for (std::size_t node = 0; node < network.nodes; ++node) {
            if (node == origin || distance[node] == infinity) continue;
            totals.pairs += 1;
            totals.sum += distance[node];
            totals.max = std::max(totals.max, distance[node]);
        }
        seconds += std::chrono::duration<double>(Clock::now() - start).count();
        if (output) totals.checksum += signature(network, origin, distance);
        if (file.is_open()) file.write(reinterpret_cast<const char*>(distance.data()), network.nodes * sizeof(double));
    }
    return seconds;
}

struct Weight {
    double weight;
};

static double search(const Network& network, bool csr, std::size_t first, std::size_t count, const char* output,
                     double& preparing, Totals& totals) {
    auto start = Clock::now();
    if (csr) {
        using Graph = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, Weight>;
        std::vector<Weight> weights;
        for (double weight : network.weights) weights.push_back({weight});
        Graph graph(boost::edges_are_unsorted_multi_pass, network.links.begin(), network.links.end(), weights.begin(),
                    network.vertices());
        preparing = std::chrono::duration<double>(Clock::now() - start).count();
        return run(network, graph, boost::get(&Weight::weight, graph), first, count, output, totals);
    }
    using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                                        boost::property<boost::edge_weight_t, double>>;
    Graph graph(network.links.begin(), network.links.end(), network.weights.begin(), network.vertices());
    preparing = std::chrono::duration<double>(Clock::now() - start).count();
    return run(network, graph, boost::get(boost::edge_weight, graph), first, count, output, totals);
}

int main(int argc, char** argv) try {
    if (argc < 6) {
        std::cerr << "usage: boost NETWORK free-flow-time|length csr|adjacency FIRST COUNT [DISTANCES|-]\n";
        return 2;
    }
    auto start = Clock::now();
    Network network = read(argv[1], std::string(argv[2]) == "length");
    double reading = std::chrono::duration<double>(Clock::now() - start).count();
    std::size_t first = std::stoul(argv[4]), count = std::stoul(argv[5]);
    if (first + count > network.nodes) throw std::runtime_error("origins out of range");
    Totals totals;
    double preparing = 0;
    double searching = search(network, std::string(argv[3]) == "csr", first, count, argc > 6 ? argv[6] : nullptr,
                              preparing, totals);
    std::printf("{\"origins\":%zu,\"read_ms\":%.3f,\"prepare_ms\":%.3f,\"search_ms\":%.3f,\"pairs\":%llu,"
                "\"mean\":%.9f,\"max\":%.9f,\"checksum\":\"%016llx\"}\n",
                count, reading * 1e3, preparing * 1e3, searching * 1e3, (unsigned long long)totals.pairs,
                totals.pairs ? totals.sum / totals.pairs : 0.0, totals.max, (unsigned long long)totals.checksum);
    return 0;
} catch (const std::exception& error) {
    std::cerr << "boost: " << error.what() << "\n";
    return 1;
}
