// The page that shows a run under way. It brings all that it needs, and learns the rest from /events.

enum LivePage {
    static let html = """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>connector-sim</title><style>
        \(style)
        </style></head><body>
        <h1>connector-sim run <small id="state">connecting</small></h1>
        <div id="flow"></div>
        <progress id="done" max="1" value="0"></progress>
        <h2>Lanes</h2>
        <table id="lanes"><thead><tr><th>partition<th>taken<th>ended<th>in hand<th>a second<th>last minute</tr></thead>
        <tbody></tbody></table>
        <h2>Functions</h2>
        <table id="functions"><thead><tr><th>function<th>calls<th>errors<th>under way<th>a second<th>last minute</tr>
        </thead><tbody></tbody></table>
        <h2>Faults</h2>
        <p id="none">none so far</p>
        <table id="faults"><tbody></tbody></table>
        <script>
        \(script)
        </script></body></html>

        """

    private static let style = """
        body{font:14px/1.5 system-ui,sans-serif;margin:2em;color:#222;background:#fff;max-width:80em}
        small{font-weight:normal;color:#666}
        #flow{display:flex;gap:.5em;flex-wrap:wrap}
        #flow div{border:1px solid #ccc;border-radius:4px;padding:.5em 1em;min-width:7em}
        #flow b{display:block;font-size:1.6em;font-variant-numeric:tabular-nums}
        progress{width:100%;margin:1em 0}
        table{border-collapse:collapse}th,td{text-align:right;padding:0 1em 0 0;font-variant-numeric:tabular-nums}
        th:first-child,td:first-child{text-align:left}
        #faults td{text-align:left}
        svg{background:#f4f4f4;vertical-align:middle}polyline{fill:none;stroke:#06c}line{stroke:#c00}
        .paused td:first-child::after{content:" paused";color:#c60}
        """

    /// Text goes in as text, never as markup: names are a user's.
    private static let script = #"""
        'use strict';
        const find = id => document.getElementById(id), kept = 240, curves = new Map(), marks = [];
        const SVG = 'http://www.w3.org/2000/svg';
        let last = null, faults = 0;

        function cell(row, text) { row.insertCell().textContent = text; }

        function curve(name, value, t) {
          const points = curves.get(name) || curves.set(name, []).get(name);
          points.push([t, value]);
          if (points.length > kept) points.shift();
          const svg = document.createElementNS(SVG, 'svg');
          svg.setAttribute('width', 240); svg.setAttribute('height', 18);
          const top = Math.max(1, ...points.map(p => p[1])), x = s => 240 - (t - s) * 4;
          for (const mark of marks) if (x(mark) > 0) {
            const line = document.createElementNS(SVG, 'line');
            for (const [k, v] of [['x1', x(mark)], ['x2', x(mark)], ['y1', 0], ['y2', 18]]) line.setAttribute(k, v);
            svg.append(line);
          }
          const drawn = document.createElementNS(SVG, 'polyline');
          drawn.setAttribute('points', points.map(p => `${x(p[0])},${17 - p[1] / top * 16}`).join(' '));
          svg.append(drawn);
          return svg;
        }

        function rate(now, before, seconds) {
          return seconds > 0 ? Math.max(0, Math.round((now - before) / seconds)) : 0;
        }

        function rows(table, items, before, seconds, t, columns) {
          const body = document.createElement('tbody');
          items.forEach(item => {
            const row = body.insertRow(), old = before.find(o => o.name === item.name);
            if (item.isPaused) row.className = 'paused';
            const shown = columns(item), perSecond = old ? rate(shown[1], columns(old)[1], seconds) : 0;
            shown.forEach(text => cell(row, text));
            cell(row, perSecond);
            row.insertCell().append(curve(table + ' ' + item.name, perSecond, t));
          });
          find(table).tBodies[0].replaceWith(body);
        }

        function show(now) {
          const before = last || now, seconds = now.seconds - before.seconds, flow = find('flow');
          flow.replaceChildren(...[['produced'], ['consumed'], ['invoked'], ['handled']].map(([name]) => {
            const box = document.createElement('div');
            box.id = name;
            const figure = document.createElement('b');
            figure.textContent = now[name];
            box.append(name, figure, `${rate(now[name], before[name], seconds)}/s`);
            return box;
          }));
          const inFlight = document.createElement('div'), figure = document.createElement('b');
          figure.textContent = now.inFlight;
          inFlight.id = 'inFlight';
          inFlight.append('in flight', figure, `of ${now.maxInFlight}`);
          flow.append(inFlight);
          find('done').value = now.expected ? Math.min(1, now.handled / now.expected) : 1;
          now.faults.slice(faults).forEach(fault => {
            const row = find('faults').tBodies[0].insertRow(0);
            cell(row, fault.seconds.toFixed(2) + ' s');
            cell(row, fault.text);
            marks.push(fault.seconds);
          });
          faults = now.faults.length;
          find('none').hidden = faults > 0;
          rows('lanes', now.lanes, before.lanes, seconds, now.seconds,
            lane => [lane.name, lane.received, lane.ended, lane.received - lane.ended]);
          rows('functions', now.functions, before.functions, seconds, now.seconds,
            f => [f.name, f.calls, f.errors, f.calls - f.replies]);
          find('state').textContent = now.verdict || now.seconds.toFixed(1) + ' s';
          last = now;
        }

        const events = new EventSource('events');
        events.onmessage = message => {
          const now = JSON.parse(message.data);
          show(now);
          if (now.verdict) events.close();
        };
        events.onerror = () => { if (!last || !last.verdict) find('state').textContent = 'connection lost'; };
        """#
}
