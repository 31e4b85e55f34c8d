// Failures of .NET and PowerShell in the words that they document.
import { type Row, toDocumented } from '../row.ts';

const rows: Row[] = [
  [
    'coverlet-coverage-below-the-threshold',
    'Coverlet: coverage below the threshold',
    'dotnet test /p:Threshold=90',
    'https://github.com/coverlet-coverage/coverlet',
    [
      'D:\\a\\shop\\coverlet.msbuild.targets(61,5): error : The minimum branch coverage is below the specified 90 [D:\\a\\shop\\Shop.Tests.csproj]',
    ],
  ],
  [
    'version-tool-needs-the-whole-git-history',
    'Version tool needs the whole git history',
    'dotnet build',
    'https://github.com/dotnet/Nerdbank.GitVersioning',
    [
      '/home/runner/.nuget/packages/nerdbank.gitversioning/3.6.133/build/Nerdbank.GitVersioning.Inner.targets(17,5): error : Shallow clone lacks the objects required to calculate version height. Use full clones or clones with a history at least as deep as the last version height resetting change. [/home/runner/app/App.csproj]',
    ],
  ],
  [
    'nuget-package-version-not-found-nuget-exe',
    'NuGet package version not found (nuget.exe)',
    'nuget restore Shop.sln',
    'https://github.com/NuGet/NuGet.Client',
    [
      'Restoring NuGet package Example.Json.9.0.9.',
      "WARNING: Unable to find version '9.0.9' of package 'Example.Json'.",
      "  C:\\feeds: Package 'Example.Json.9.0.9' is not found on source 'C:\\feeds'.",
    ],
  ],
  [
    'msbuild-configuration-of-the-solution-unknown',
    'MSBuild configuration of the solution unknown',
    'msbuild Shop.sln /p:Platform=ARM',
    'https://learn.microsoft.com/visualstudio/msbuild/errors/msb4126',
    [
      'D:\\a\\shop\\Shop.sln.metaproj : error MSB4126: The specified solution configuration "Debug|ARM" is invalid. Please specify a valid solution configuration using the Configuration and Platform properties [D:\\a\\shop\\Shop.sln]',
    ],
  ],
  [
    'net-assembly-not-found',
    '.NET assembly not found',
    'dotnet run',
    'https://github.com/dotnet/runtime',
    [
      "System.TypeInitializationException: The type initializer for 'Shop.Price' threw an exception.",
      " ---> System.IO.FileLoadException: Could not load file or assembly 'Example.Json, Version=13.0.0.0, Culture=neutral'. The located assembly's manifest definition does not match the assembly reference.",
    ],
  ],
  [
    'powershell-path-not-found',
    'PowerShell path not found',
    './pack.ps1',
    'https://github.com/PowerShell/PowerShell',
    [
      'Copy-Item: /home/runner/work/_temp/1.ps1:2',
      'Line |',
      '   2 |  Copy-Item out/app.zip dist',
      "     | Cannot find path '/home/runner/app/out/app.zip' because it does not exist.",
    ],
  ],
];

export const documented = rows.map(toDocumented);
