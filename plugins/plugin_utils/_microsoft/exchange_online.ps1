# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
<#
.SYNOPSIS
Runs a list of Exchange Online cmdlets in one session and answers in JSON.

.DESCRIPTION
One JSON document is read from standard input, one is written to standard output as its last line. Nothing that is
read becomes part of a program text: cmdlets come from the list below, parameters are passed by splatting, and secrets
arrive here only, never in arguments, the environment or files.

  in:  {"connect": {...}, "commands": [{"cmdlet": "...", "parameters": {...}}], "stop_on_error": false}
  out: {"ok": true, "module_version": "...", "answers": [{"rows": [], "warnings": [], "error": null, "skipped": false}]}
       {"ok": false, "stage": "input" | "module" | "connect", "message": "...", "powershell_version": "..."}
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
# In `pwsh -File` every stream ends on standard output, among the JSON.
$WarningPreference = 'SilentlyContinue'
$ProgressPreference = 'SilentlyContinue'
$InformationPreference = 'SilentlyContinue'

$ShellVersion = [version]::new($PSVersionTable.PSVersion.Major, $PSVersionTable.PSVersion.Minor)
$ReadingCmdlets = @(
    'Get-ApplicationAccessPolicy'
    'Get-DistributionGroupMember'
    'Get-ManagementRoleAssignment'
    'Get-ManagementScope'
    'Get-Recipient'
    'Get-ServicePrincipal'
    'Test-ApplicationAccessPolicy'
    'Test-ServicePrincipalAuthorization'
)
$WritingCmdlets = @(
    'New-ApplicationAccessPolicy'
    'New-ManagementRoleAssignment'
    'New-ManagementScope'
    'New-ServicePrincipal'
    'Remove-ApplicationAccessPolicy'
    'Remove-ManagementRoleAssignment'
    'Set-ApplicationAccessPolicy'
    'Set-ManagementRoleAssignment'
    'Set-ManagementScope'
)
$ConnectParameters = @(
    'AccessToken'
    'AppId'
    'CertificateFilePath'
    'ExchangeEnvironmentName'
    'ManagedIdentity'
    'ManagedIdentityAccountId'
    'Organization'
)
# What is looked at, of objects that have hundreds of properties.
$Properties = @(
    'AccessCheckResult', 'AccessRight', 'AllowedResourceScope', 'App', 'AppId', 'CustomRecipientWriteScope'
    'CustomResourceScope', 'Description', 'DisplayName', 'DistinguishedName', 'EmailAddresses', 'Enabled'
    'ExternalDirectoryObjectId', 'GrantedPermissions', 'Guid', 'Id', 'Identity', 'InScope', 'IsValid'
    'IsValidSecurityPrincipal', 'Mailbox', 'Name', 'ObjectId', 'PrimarySmtpAddress', 'RecipientAdministrativeUnitScope'
    'RecipientFilter', 'RecipientGroupScope', 'RecipientRoot', 'RecipientType', 'RecipientTypeDetails'
    'RecipientWriteScope', 'Role', 'RoleAssignee', 'RoleAssigneeName', 'RoleAssigneeType', 'RoleName', 'ScopeIdentity'
    'ScopeIdentityRaw', 'ScopeName', 'ScopeRestrictionType', 'ScopeType', 'Sid', 'WindowsLiveID'
)

function Write-Document {
    param([hashtable] $Document)
    # ASCII only, so that no code page on the way can change it.
    $json = ConvertTo-Json -InputObject $Document -Depth 6 -Compress -EscapeHandling EscapeNonAscii
    [Console]::Out.WriteLine($json)
}

# The outer exception of a failed request often says no more than "see inner exception".
function Get-WordsOfAll {
    param([Exception] $Outer)
    $words = [System.Collections.Generic.List[string]]::new()
    $current = $Outer
    while ($null -ne $current -and $words.Count -lt 5) {
        if (-not $words.Contains($current.Message)) {
            $words.Add($current.Message)
        }
        $current = $current.InnerException
    }
    return $words -join ' - '
}

function Stop-WithFault {
    param([string] $Stage, [string] $Message)
    Write-Document @{
        ok = $false
        stage = $Stage
        message = $Message
        powershell_version = $ShellVersion.ToString()
    }
    exit 0
}

function ConvertTo-PlainValue {
    param($Value)
    if ($null -eq $Value -or $Value -is [bool] -or $Value -is [string]) {
        return $Value
    }
    if ($Value -is [System.Collections.IEnumerable]) {
        $items = @(foreach ($item in $Value) { [string] $item })
        return , $items
    }
    return [string] $Value
}

function ConvertTo-PlainRow {
    param($InputRow)
    $plain = @{}
    foreach ($name in $Properties) {
        $property = $InputRow.PSObject.Properties[$name]
        if ($null -ne $property -and $null -ne $property.Value) {
            $plain[$name] = ConvertTo-PlainValue $property.Value
        }
    }
    return $plain
}

# Which PowerShell a version of the module needs: 7.6 from 3.10 on, 7.4 from 3.5 on, else 7.2 (Microsoft's page "About
# the Exchange Online PowerShell module"). An access token is taken from 3.1 on.
function Test-ModuleVersion {
    param([version] $Module)
    if ($Module -lt [version] '3.1.0') { return $false }
    if ($Module -ge [version] '3.10.0') { return $ShellVersion -ge [version] '7.6' }
    if ($Module -ge [version] '3.5.0') { return $ShellVersion -ge [version] '7.4' }
    return $ShellVersion -ge [version] '7.2'
}

function Import-ExchangeModule {
    $installed = @(Get-Module -ListAvailable -Name 'ExchangeOnlineManagement' | Sort-Object -Property Version -Descending)
    if ($installed.Count -eq 0) {
        Stop-WithFault 'module' 'the module ExchangeOnlineManagement is not installed'
    }
    $usable = @($installed | Where-Object { Test-ModuleVersion $_.Version })
    if ($usable.Count -eq 0) {
        $versions = ($installed | ForEach-Object { $_.Version.ToString() }) -join ', '
        Stop-WithFault 'module' ('no installed version of ExchangeOnlineManagement suits this PowerShell: ' + $versions)
    }
    try {
        Import-Module -ModuleInfo $usable[0] -DisableNameChecking 3>$null 4>$null 6>$null | Out-Null
    }
    catch {
        Stop-WithFault 'module' ('ExchangeOnlineManagement cannot be imported: ' + $_.Exception.Message)
    }
    return $usable[0].Version.ToString()
}

function Connect-WithGivenIdentity {
    param([System.Collections.IDictionary] $Given, [string[]] $Cmdlets)
    $connection = @{
        ShowBanner = $false
        ShowProgress = $false
        SkipLoadingFormatData = $true
        CommandName = $Cmdlets
    }
    foreach ($name in $ConnectParameters) {
        if ($Given.Contains($name) -and $null -ne $Given[$name]) {
            $connection[$name] = $Given[$name]
        }
    }
    if ($Given.Contains('CertificatePassword') -and $Given['CertificatePassword']) {
        $connection['CertificatePassword'] = ConvertTo-SecureString -String $Given['CertificatePassword'] -AsPlainText -Force
    }
    try {
        Connect-ExchangeOnline @connection 3>$null 4>$null 6>$null | Out-Null
    }
    catch {
        Stop-WithFault 'connect' (Get-WordsOfAll $_.Exception)
    }
}

function Invoke-AllowedCmdlet {
    param([string] $Name, [System.Collections.IDictionary] $Parameters)
    $said = @()
    $values = @{}
    try {
        foreach ($parameter in $Parameters.Keys) {
            $values[$parameter] = $Parameters[$parameter]
        }
        if ($WritingCmdlets -contains $Name) {
            $values['Confirm'] = $false
        }
        # The name is one of the two lists above; the parameters are passed as values.
        $found = @(& $Name @values -ErrorAction Stop -WarningAction SilentlyContinue -WarningVariable said)
        $rows = @(foreach ($row in $found) { if ($null -ne $row) { ConvertTo-PlainRow $row } })
        return @{ rows = $rows; warnings = @(foreach ($warning in $said) { [string] $warning }); error = $null; skipped = $false }
    }
    catch {
        $fault = @{
            message = $_.Exception.Message
            type = $_.Exception.GetType().FullName
            category = $_.CategoryInfo.Category.ToString()
        }
        return @{ rows = @(); warnings = @(foreach ($warning in $said) { [string] $warning }); error = $fault; skipped = $false }
    }
}

if ($ShellVersion -lt [version] '7.2') {
    Stop-WithFault 'module' 'PowerShell 7.2 or later is needed'
}
try {
    $text = [Console]::In.ReadToEnd()
    $request = ConvertFrom-Json -InputObject $text -AsHashtable
    $commands = @($request['commands'])
    $stopOnError = [bool] $request['stop_on_error']
    $cmdlets = @($commands | ForEach-Object { [string] $_['cmdlet'] } | Sort-Object -Unique)
    $identity = [System.Collections.IDictionary] $request['connect']
    $known = $null -ne $identity
}
catch {
    # Not the exception's own words: they quote what was read, secrets included.
    Stop-WithFault 'input' 'standard input is not the JSON document that this script expects'
}
foreach ($name in $cmdlets) {
    $known = $known -and ($ReadingCmdlets -contains $name -or $WritingCmdlets -contains $name)
}
if (-not $known) {
    Stop-WithFault 'input' 'standard input names no identity, or a cmdlet that this script does not run'
}

$moduleVersion = Import-ExchangeModule
Connect-WithGivenIdentity -Given $identity -Cmdlets $cmdlets
$answers = [System.Collections.Generic.List[object]]::new()
$failed = $false
try {
    foreach ($command in $commands) {
        if ($failed -and $stopOnError) {
            $answers.Add(@{ rows = @(); warnings = @(); error = $null; skipped = $true })
            continue
        }
        $answer = Invoke-AllowedCmdlet -Name $command['cmdlet'] -Parameters $command['parameters']
        # A read that fails, as the list of no policies does, must not keep the rest from being done.
        $wrote = $WritingCmdlets -contains $command['cmdlet']
        $failed = $failed -or ($wrote -and $null -ne $answer['error'])
        $answers.Add($answer)
    }
}
finally {
    try {
        Disconnect-ExchangeOnline -Confirm:$false 3>$null 4>$null 6>$null | Out-Null
    }
    catch {
        # The session ends with the process in any case.
        $failed = $true
    }
}
Write-Document @{ ok = $true; module_version = $moduleVersion; answers = $answers.ToArray() }
exit 0
