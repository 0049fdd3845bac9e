# What a script of a class does with the Ruby client: one line of what it saw per step, which the test compares.
require 'kubeclient'

$stdout.sync = true
config = Kubeclient::Config.read(ARGV[0])
namespace = ARGV[1]
context = config.context
client = lambda do |path, version|
  Kubeclient::Client.new("#{context.api_endpoint}#{path}", version,
                         ssl_options: context.ssl_options, auth_options: context.auth_options)
end
core = client.call('/api', 'v1')
apps = client.call('/apis/apps', 'v1')

puts "api #{core.api_valid?}"
core.discover
apps.discover
puts "entities #{%w[get_pods get_services get_config_maps].all? { |name| core.respond_to?(name) }}"
puts "apps #{%w[get_deployments get_stateful_sets].all? { |name| apps.respond_to?(name) }}"

resource = Kubeclient::Resource.new(metadata: { name: 'settings', namespace: namespace }, data: { color: 'red' })
made = core.create_config_map(resource)
puts "made #{made.metadata.name} #{made.data.color}"
core.patch_config_map('settings', { data: { color: 'blue' } }, namespace)
core.merge_patch_config_map('settings', { data: { size: '1' } }, namespace)
changed = core.get_config_map('settings', namespace)
puts "patched #{changed.data.to_h}"
changed.data = { color: 'green' }
core.update_config_map(changed)
listed = core.get_config_maps(namespace: namespace, field_selector: 'metadata.name=settings')
puts "listed #{listed.map { |one| one.data.color }}"
core.delete_config_map('settings', namespace)
options = { namespace: namespace, field_selector: 'metadata.name=settings', resource_version: made.metadata.resourceVersion }
core.watch_config_maps(options) do |notice|
  puts "watched #{notice.type} #{notice.object.data.to_h}"
  break if notice.type == 'DELETED'
end

apps.create_deployment(Kubeclient::Resource.new(
  metadata: { name: 'web', namespace: namespace },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'web', image: 'nginx:1.24' }] }
    }
  }
))
name = nil
core.watch_pods(namespace: namespace, label_selector: 'app=web') do |notice|
  next unless notice.object.status.phase == 'Running'

  name = notice.object.metadata.name
  break
end
puts "running #{name.split('-').first}"
puts "log #{core.get_pod_log(name, namespace, tail_lines: 1).to_s.lines.length}"
apps.patch_deployment('web', { spec: { replicas: 2 } }, namespace)
puts "scaled #{apps.get_deployment('web', namespace).spec.replicas}"
apps.delete_deployment('web', namespace, delete_options: Kubeclient::Resource.new(propagationPolicy: 'Foreground'))
begin
  core.get_pod('nonesuch', namespace)
rescue Kubeclient::ResourceNotFoundError => e
  puts "refused #{e.error_code} #{e.message}"
end
